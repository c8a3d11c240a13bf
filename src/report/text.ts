import { stripVTControlCharacters } from 'node:util';

/** Text from models, files and errors is foreign: it must show as text, whatever it is put into. */

// The last two ranges turn the direction of text around, so that a line shows other than it reads.
// oxlint-disable-next-line no-control-regex -- finding control characters is the point
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]+/g;

/** What Markdown, HTML or GitHub read as more than text: special characters, links without brackets, marks of a block at the start. */
const SPECIAL = /[&<>|`*_~[\]\\#@:$]|(?<=www)\.|(?<=gh)-|^[-+=](?=[-+=\s]|$)|(?<=^\d{1,9})[.)](?=\s|$)/gi;

/** How many times the length asked for is looked at: control characters take room and are not shown. */
const CUT = 10;

/** One line without control characters, at most `length` characters long. */
export function oneLine(text: string, length = 300): string {
  // A name of a megabyte would take seconds to search; what is cut here is not shown anyway.
  const start = text.slice(0, CUT * length);
  const line = stripVTControlCharacters(start).replace(CONTROL, ' ').trim();
  return line.length > length || start.length < text.length ? `${line.slice(0, length - 1)}…` : line;
}

/** As text inside a Markdown table or paragraph: what Markdown or HTML would read becomes an entity. */
export function markdownText(text: string, length?: number): string {
  return oneLine(text, length).replace(SPECIAL, (character) => `&#${character.charCodeAt(0)};`);
}

/** A Markdown table; cells are escaped here and nowhere else. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(headings),
    line(headings.map(() => '---')),
    ...rows.map((row) => line(row.map((cell) => markdownText(cell)))),
  ].join('\n');
}

/**
 * Lines that GitHub's runner takes for text: it reads commands out of what a step prints.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function inertLines(text: string): string {
  return text.replace(/^(\s*):(?=:)/gm, '$1: ').replaceAll('##[', '## [');
}
