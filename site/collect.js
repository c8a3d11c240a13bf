// @ts-check
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/**
 * Copies the project's documents to content/, at their own paths, so that links among them hold. A link to anything else of the repository leads
 * there, where GitHub Actions says where that is; elsewhere its text is left. The build then refuses dead links.
 */
const ROOT = join(import.meta.dirname, '..');
const CONTENT = join(import.meta.dirname, 'content');
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_SHA: commit } = process.env;

const documents = new Set([
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
]);

for (const file of documents) {
  const to = join(CONTENT, file);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, rewritten(readFileSync(join(ROOT, file), 'utf8'), file));
}
cpSync(join(ROOT, 'docs/pictures'), join(CONTENT, 'docs/pictures'), { recursive: true });
cpSync(join(import.meta.dirname, 'index.md'), join(CONTENT, 'index.md'));

/**
 * @param {string} text
 * @param {string} file
 */
function rewritten(text, file) {
  return text.replaceAll(/(?<!!)\[([^\]]*)\]\(([^)\s]+)\)/g, (link, label, target) => {
    if (/^([a-z]+:|#)/.test(target)) return link;
    const [path, anchor] = target.split('#');
    const inRepository = posix.join(posix.dirname(file), path);
    if (documents.has(inRepository)) return link;
    const isFolder = documents.has(`${inRepository}/README.md`);
    if (isFolder) return `[${label}](${target.replace(/\/?$/, '/README.md')})`;
    if (!repository) return label;
    return `[${label}](${server}/${repository}/blob/${commit}/${inRepository}${anchor ? `#${anchor}` : ''})`;
  });
}
