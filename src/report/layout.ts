import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Text for a terminal of a given width. Widths are in columns: wide characters take two, colours none. */

const BARS = '▁▂▃▄▅▆▇█';
const CHARACTERS = new Intl.Segmenter();

/** Lines of at most `width` columns, all but the first indented by `indent`; the first keeps its own indentation. */
export function wrapped(text: string, width: number, indent = ''): string {
  const start = /^ */.exec(text)![0];
  const room = Math.max(10, width - Math.max(start.length, stringWidth(indent)));
  return start + wrapAnsi(text.slice(start.length), room, { hard: true }).replaceAll('\n', `\n${indent}`);
}

export interface Column {
  readonly heading: string;
  readonly cells: readonly string[];
  readonly align?: 'right';
  /** Columns are left out from the highest number on until the table fits; 0: never. */
  readonly rank: number;
  /** At most this wide: what is longer is cut. */
  readonly most?: number;
}

/** A table as lines, the first of which holds the headings: columns are left out, then the longest is cut, until it fits. */
export function tableLines(columns: readonly Column[], width: number, gap = 2): string[] {
  let kept = columns
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map((column) => ({ ...column, width: widthOf(column) }));
  const total = () => kept.reduce((sum, each) => sum + each.width, 0) + gap * (kept.length - 1);
  while (total() > width && kept.some(({ rank }) => rank > 0)) {
    const last = Math.max(...kept.map(({ rank }) => rank));
    kept = kept.filter(({ rank }) => rank < last);
  }
  const fitted = narrowed(
    kept.map((column) => column.width),
    width - gap * (kept.length - 1),
  );
  const rows = [
    kept.map(({ heading }) => heading),
    ...(kept[0]?.cells ?? []).map((_, i) => kept.map(({ cells }) => cells[i] ?? '')),
  ];
  return rows.map((cells) =>
    cells
      .map((cell, i) => padded(cut(cell, fitted[i]!), fitted[i]!, kept[i]!.align))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

/** A curve in one line, from `low` to `high`; a figure under `low` is the lowest bar. */
export function sparkline(figures: readonly number[], [low, high]: readonly [number, number]): string {
  const span = Math.max(high - low, Number.MIN_VALUE);
  return figures
    .map((figure) => {
      const bar = Math.floor(((figure - low) / span) * BARS.length);
      return BARS[Math.min(BARS.length - 1, Math.max(0, Number.isFinite(bar) ? bar : 0))];
    })
    .join('');
}

/** Widths that together take at most `room`: what is missing is taken from the widest, which can be cut best. */
function narrowed(widths: readonly number[], room: number): number[] {
  const fitted = [...widths];
  for (let over = fitted.reduce((sum, each) => sum + each, 0) - room; over > 0; over--) {
    const widest = fitted.indexOf(Math.max(...fitted));
    if (fitted[widest]! <= 1) break;
    fitted[widest]! -= 1;
  }
  return fitted;
}

function widthOf({ heading, cells, most = Infinity }: Column): number {
  return Math.min(most, Math.max(...[heading, ...cells].map((cell) => stringWidth(cell))));
}

function padded(text: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? space + text : text + space;
}

function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let short = '';
  let left = width - 1;
  // Widths add up by what a reader takes for a character: an accent or half of a flag has none of its own.
  for (const { segment } of CHARACTERS.segment(text)) {
    left -= stringWidth(segment);
    if (left < 0) break;
    short += segment;
  }
  return `${short}…`;
}
