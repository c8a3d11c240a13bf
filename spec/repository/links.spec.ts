import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Tokens, walkTokens } from 'marked';
import { describe, expect, test } from 'vitest';

const EXAMPLES = readdirSync('examples').map((name) => join('examples', name));
/** Every Markdown file that a reader meets; others than these are made by a run, or installed, or checked by the site's build. */
const FILES = ['.', 'docs', '.github', ...EXAMPLES].flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file)),
);

test('the documents are found', () => {
  expect(FILES).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'docs/gate.md']));
});

describe.each(FILES)('%s', (file) => {
  test('links to what is there', () => {
    expect(deadLinks(file, readFileSync(file, 'utf8'))).toEqual([]);
  });
});

test('a link to a file, a heading or an address that is not there is found', () => {
  const text =
    '# A heading: of `code`\n[1](docs/gone.md) ![2](gone.svg) [3](#a-heading-of-code) [4](#another) [5](README.md#no-such) [6](htps://x) [7](https://nodejs.org)\n\n<img src="gone.png">';
  expect(deadLinks('CHANGELOG.md', text)).toEqual([
    'docs/gone.md',
    'gone.svg',
    '#another',
    'README.md#no-such',
    'htps://x',
    'gone.png',
  ]);
});

/** The links of `text` that lead nowhere, from the place of `file`. Whether other people's servers answer is not ours to test. */
function deadLinks(file: string, text: string): string[] {
  return hrefsOf(text).filter((href) => {
    if (/^[a-z]+:/.test(href)) return !/^(?:https?|mailto):/.test(href) || !URL.canParse(href);
    const [path = '', fragment] = decodeURI(href).split('#');
    const to = path === '' ? file : normalize(join(dirname(file), path));
    if (!existsSync(to)) return true;
    return fragment !== undefined && !headingsOf(to === file ? text : readFileSync(to, 'utf8')).has(fragment);
  });
}

function hrefsOf(text: string): string[] {
  const hrefs: string[] = [];
  walkTokens(lexer(text), (token) => {
    if (token.type === 'link' || token.type === 'image') hrefs.push(token.href as string);
    if (token.type === 'html')
      hrefs.push(...[...token.raw.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, href]) => href!));
  });
  return hrefs;
}

/** As GitHub names them. */
function headingsOf(text: string): ReadonlySet<string> {
  const slugger = new GithubSlugger();
  const plain = (markdown: string) => markdown.replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1');
  return new Set(
    lexer(text).flatMap((token) =>
      token.type === 'heading' ? slugger.slug(plain((token as Tokens.Heading).text)) : [],
    ),
  );
}
