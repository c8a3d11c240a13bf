import { stripVTControlCharacters } from 'node:util';

/** Text from models, files and errors is foreign: it must show as text, whatever it is put into. */

// The last two ranges turn the direction of text around, so that a line shows other than it reads.
// oxlint-disable-next-line no-control-regex -- finding control characters is the point
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]+/g;

/**
 * What Markdown, HTML or GitHub would read as more than text, where it stands: a comparison such as "a <= 3", a colon or an
 * underscore within a word is nothing of that kind and stays as it is.
 */
const SPECIAL = new RegExp(
  [
    // Code, tables and formulas, wherever they stand.
    '[`|$]+',
    // An entity; a tag, comment or autolink; an escape.
    '&(?=#|\\w+;)',
    '<(?=[\\w/!?])',
    '\\\\(?=[!-/:-@[-`{-~])',
    // Emphasis and strike-through touch a word on one side.
    '(?<=\\S)[*~]|[*~](?=\\S)',
    '(?<![\\p{L}\\p{N}])_(?=\\S)|(?<=\\S)_(?![\\p{L}\\p{N}])',
    // Links, footnotes, tasks.
    '\\[(?=[^\\]]*\\][([:]|\\^|[ x]\\])|\\](?=[([:])',
    // Addresses, people, issues, emoji, commands of GitHub's runner.
    ':(?=//|:)|(?<=:):|:(?=[\\w+-]+:)|(?<=\\b(?:mailto|xmpp)):',
    '(?<=\\bwww)\\.|@(?=\\w)|#(?=\\d)|(?<=\\bgh)-(?=\\d)',
  ].join('|'),
  'giu',
);

/** The start of a block, which no cell of a table is. */
const BLOCK_START = /^(?:[>#]|[-+=*](?=[-+=*\s]|$)|~|:)|(?<=^\d{1,9})[.)](?=\s|$)/;

/** Code in a line of one's own words: nothing in it can be read as more, in Markdown or in HTML. */
const CODE = /(`[\w ./:=-]+`)/;

/** How many times the length asked for is looked at: control characters take room and are not shown. */
const CUT = 3;

/** One line without control characters, at most `length` characters long. */
export function oneLine(text: string, length = 300): string {
  // A name of a megabyte would take seconds to search; what is cut here is not shown anyway.
  const start = text.slice(0, CUT * length);
  const line = stripVTControlCharacters(start).replace(CONTROL, ' ').trim();
  return line.length > length || start.length < text.length ? `${line.slice(0, length - 1)}…` : line;
}

/** As text inside a Markdown paragraph or list: what Markdown or HTML would read becomes an entity; `code` stays code. */
export function markdownText(text: string, length?: number): string {
  const line = oneLine(text, length);
  const start = BLOCK_START.exec(line);
  if (start === null) return markdownInline(line);
  const end = start.index + start[0].length;
  return markdownInline(line.slice(0, start.index)) + entitiesOf(start[0]) + markdownInline(line.slice(end));
}

/** As `markdownText`, of a line that does not start where a block could, such as a cell of a table. */
function markdownInline(line: string): string {
  return line
    .split(CODE)
    .map((piece, i) => (i % 2 === 1 ? piece : piece.replace(SPECIAL, entitiesOf)))
    .join('');
}

function entitiesOf(characters: string): string {
  let text = '';
  for (const character of characters) text += `&#${character.codePointAt(0)};`;
  return text;
}

/** A Markdown table; cells are escaped here and nowhere else. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [lineOf(headings), lineOf(headings.map(() => '---')), ...rows.map(markdownRow)].join('\n');
}

/** A row of a Markdown table. */
export function markdownRow(cells: readonly string[]): string {
  return lineOf(cells.map((cell) => markdownInline(oneLine(cell))));
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/**
 * Lines that GitHub's runner takes for text: it reads commands out of what a step prints.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function inertLines(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1: ').replaceAll('##[', '## [');
}
