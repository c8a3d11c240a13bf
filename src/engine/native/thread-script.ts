import { createRequire } from 'node:module';

const made = new Map<string, string>();

/**
 * What a thread runs, for a worker's `eval`: the file itself, of the package. In the sources it is TypeScript, which a bare worker cannot
 * read: it is bundled, once a process, as to compile it anew in each thread took ten times as long as all else that a thread does to start.
 */
export function threadScript({ href, pathname }: URL): string {
  if (pathname.endsWith('.js')) return `import(${JSON.stringify(href)});`;
  const script = made.get(href) ?? bundle(pathname);
  made.set(href, script);
  return script;
}

function bundle(file: string): string {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [decodeURIComponent(file)],
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
