import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type DefaultTheme, defineConfig, type Plugin } from 'vitepress';
import { collect, collectDocument, ROOT } from '../collect.ts';

const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, SITE_BASE: base } = process.env;

collect();
/** TypeDoc writes it beside the pages. */
const api = JSON.parse(
  readFileSync(join(import.meta.dirname, '../content/api/typedoc-sidebar.json'), 'utf8'),
) as DefaultTheme.SidebarItem[];

const page = (text: string, file: string) => ({ text, link: `/${file}` });

/** Shows a document as it is while somebody writes it: the pages are copies. */
const whileWriting: Plugin = {
  name: 'documents',
  configureServer({ watcher }) {
    watcher.add(['*.md', 'docs', 'examples/*/README.md', 'site/index.md'].map((path) => join(ROOT, path)));
    watcher.on('change', (file) => collectDocument(relative(ROOT, file).replaceAll(sep, '/')));
  },
};

export default defineConfig({
  title: 'CodeCodeCode',
  description: 'A Vitest quality gate for small neural networks',
  srcDir: 'content',
  outDir: 'dist',
  base: base ?? '/',
  lastUpdated: false,
  // No picture, and no request for one.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  vite: { plugins: [whileWriting] },
  themeConfig: {
    search: { provider: 'local' },
    ...(repository && { socialLinks: [{ icon: 'github', link: `${server}/${repository}` }] }),
    outline: [2, 3],
    nav: [
      page('Guide', 'docs/guide'),
      page('Results', 'docs/results'),
      page('Commands', 'docs/commands'),
      page('API', 'api/'),
    ],
    sidebar: {
      '/api/': [page('All of it', 'api/'), ...api.map((module) => ({ ...module, collapsed: false }))],
      '/': [
        {
          text: 'Start',
          items: [
            page('Guide', 'docs/guide'),
            page('Concepts', 'docs/concepts'),
            page('Commands', 'docs/commands'),
            page('Shapes: model.fit, gated', 'examples/shapes/README'),
            page('Colours: trained by the engine', 'examples/colours/README'),
            page('MNIST in PyTorch, gated here', 'examples/pytorch/README'),
            page('Networks trained elsewhere', 'docs/elsewhere'),
          ],
        },
        {
          text: 'The gate',
          items: [
            page('How it judges', 'docs/gate'),
            page('CI', 'docs/ci'),
            page('Studies of many seeds', 'docs/studies'),
            page('Self-test', 'docs/selftest'),
            page('Interruptions', 'docs/durability'),
          ],
        },
        {
          text: 'The networks',
          items: [
            page('Results', 'docs/results'),
            page('Recipes that were tried', 'docs/recipes'),
            page('Networks of others', 'docs/corpus'),
          ],
        },
        {
          text: 'The engine',
          items: [
            page('A compiler', 'docs/engine'),
            page('Performance', 'docs/performance'),
            page('tfjs-node', 'docs/tfjs-node'),
          ],
        },
        {
          text: 'The project',
          items: [
            page('Architecture', 'docs/architecture'),
            page('Contributing', 'CONTRIBUTING'),
            page('Security', 'SECURITY'),
            page('Changelog', 'CHANGELOG'),
          ],
        },
      ],
    },
  },
});
