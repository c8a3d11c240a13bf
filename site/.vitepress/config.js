// @ts-check
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';

const API = join(import.meta.dirname, '../content/api');
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, SITE_BASE: base } = process.env;

/** @param {string} text @param {string} file */
const page = (text, file) => ({ text, link: `/${file}` });

/** The pages of a module of the API, a group a kind. @param {string} module */
function pagesOf(module) {
  const folder = join(API, module);
  const kinds = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return kinds.map(({ name }) => ({
    text: name.replace('-', ' '),
    collapsed: true,
    items: readdirSync(join(folder, name)).map((file) => {
      const text = file.replace(/\.md$/, '');
      return page(text, `api/${module}/${name}/${text}`);
    }),
  }));
}

export default defineConfig({
  title: 'CodeCodeCode',
  description: 'A Vitest quality gate for small neural networks',
  srcDir: 'content',
  outDir: 'dist',
  base: base ?? '/',
  lastUpdated: false,
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
      '/api/': [
        page('All of it', 'api/'),
        ...readdirSync(API, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => ({
            text: name === 'index' ? 'codecodecode' : `codecodecode/${name.split('/')[0]}`,
            items: pagesOf(name),
          })),
      ],
      '/': [
        {
          text: 'Start',
          items: [
            page('Guide', 'docs/guide'),
            page('Concepts', 'docs/concepts'),
            page('Commands', 'docs/commands'),
            page('Shapes: model.fit, gated', 'examples/shapes/README'),
            page('Colours: trained by the engine', 'examples/colours/README'),
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
