import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/**
 * Copies the project's documents to content/, at their own paths, so that links among them hold. A link to anything else of the repository leads
 * there, where GitHub Actions says where that is; elsewhere its text is left. The build then refuses dead links.
 */
export const ROOT = join(import.meta.dirname, '..');
const CONTENT = join(import.meta.dirname, 'content');
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_SHA: commit } = process.env;

/** Path in the repository to path in content/. */
const documents = new Map([
  ['site/index.md', 'index.md'],
  ...[
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'SECURITY.md',
    'CODE_OF_CONDUCT.md',
    ...readdirSync(join(ROOT, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
    ...readdirSync(join(ROOT, 'examples'))
      .map((name) => `examples/${name}/README.md`)
      .filter((file) => existsSync(join(ROOT, file))),
  ].map((file): [string, string] => [file, file]),
]);

export function collect(): void {
  for (const file of documents.keys()) collectDocument(file);
  cpSync(join(ROOT, 'docs/pictures'), join(CONTENT, 'docs/pictures'), { recursive: true });
}

/** Leaves any file alone that is no document. */
export function collectDocument(file: string): void {
  const page = documents.get(file);
  if (page === undefined) return;
  const to = join(CONTENT, page);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, rewritten(readFileSync(join(ROOT, file), 'utf8'), page));
}

function rewritten(text: string, page: string): string {
  return text.replaceAll(
    /(?<!!)\[([^\]]*)\]\(([^)\s]+)\)/g,
    (link: string, label: string, target: string) => {
      if (/^([a-z]+:|#|\/)/.test(target)) return link;
      const [path = '', anchor] = target.split('#');
      const inRepository = posix.join(posix.dirname(page), path);
      // A page that is nowhere is left for the build to refuse, another file for spec/repository/links.spec.ts.
      if (documents.has(inRepository) || !existsSync(join(ROOT, inRepository))) return link;
      const isFolder = documents.has(`${inRepository}/README.md`);
      if (isFolder) return `[${label}](${target.replace(/\/?$/, '/README.md')})`;
      if (!repository) return label;
      return `[${label}](${server}/${repository}/blob/${commit}/${inRepository}${anchor ? `#${anchor}` : ''})`;
    },
  );
}
