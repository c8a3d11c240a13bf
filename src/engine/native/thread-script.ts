import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const made = new Map<string, string>();

/**
 * What a thread runs, for a worker's `eval`: the file itself, of the package. In the sources it is TypeScript, which a bare worker cannot
 * read: it is bundled, once a process, as with a compiler in each, eight threads took four times as long to start.
 */
export function threadScript(file: URL): string {
  if (file.pathname.endsWith('.js')) return `import(${JSON.stringify(file.href)});`;
  const script = made.get(file.href) ?? bundle(fileURLToPath(file));
  made.set(file.href, script);
  return script;
}

function bundle(file: string): string {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    packages: 'external',
    // Of all files of the engine, which are found beside this one.
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
    write: false,
  });
  return outputFiles[0]!.text;
}
