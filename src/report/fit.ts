/** A text that is made to fit: whole sections and rows, in order, and a line that says what was left out. */

export interface Section {
  readonly head: string;
  /** Lines after the head, the most important first: as many as fit, and only they are written. */
  readonly rows?: readonly (() => string)[];
  /** What a row is, for "12 more targets". */
  readonly what?: string;
  readonly tail?: string;
  /** The part of the limit that the section may take, 0 to 1. Default: all that is left. */
  readonly share?: number;
}

export interface Limit {
  readonly size: number;
  readonly sizeOf: (text: string) => number;
}

/** Room for a line that says what was left out. */
const NOTE = 120;
const GAP = '\n\n';

/** The sections within the limit; a section without room for its head is counted, not cut. Pure. */
export function fit(sections: readonly Section[], { size, sizeOf }: Limit): string {
  const blocks: string[] = [];
  let left = size - NOTE;
  if (left < 0) return '';
  let leftOut = 0;
  for (const section of sections) {
    const allowed = Math.min(left, (section.share ?? 1) * size);
    const block = fitSection(section, allowed, sizeOf);
    if (block === undefined) {
      leftOut += 1;
    } else {
      blocks.push(block);
      left -= sizeOf(block + GAP);
    }
  }
  if (leftOut > 0)
    blocks.push(`${leftOut} more ${leftOut === 1 ? 'section' : 'sections'}: see the artifacts.`);
  return `${blocks.join(GAP)}\n`;
}

function fitSection(section: Section, allowed: number, sizeOf: Limit['sizeOf']): string | undefined {
  const { head, rows = [], what = 'rows', tail } = section;
  const frame = tail === undefined ? [head] : [head, tail];
  let left = allowed - NOTE - sizeOf(frame.join(GAP));
  if (left < 0) return undefined;
  const kept: string[] = [];
  for (const write of rows) {
    const row = write();
    left -= sizeOf(`\n${row}`);
    if (left < 0) break;
    kept.push(row);
  }
  const more = rows.length - kept.length;
  const note = more > 0 ? `${GAP}${more} more ${what}: see the artifacts.` : '';
  return [`${[head, ...kept].join('\n')}${note}`, ...frame.slice(1)].join(GAP);
}
