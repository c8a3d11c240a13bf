import { format } from 'prettier';
import { markdownTable } from '../../../src/report/text.ts';
import { betweenMarkers } from '../../../src/report/markers.ts';
import type { FaultKind, Tally } from './kind.ts';

export interface Fuzzed {
  readonly rows: readonly { readonly name: string; readonly tally: Tally }[];
  readonly seed: number;
  readonly seconds: number;
}

/** One sentence: how many inputs, and what came of them. */
export function conclusionOf({ rows, seed, seconds }: Fuzzed): string {
  const sum = (of: (tally: Tally) => number) => rows.reduce((total, { tally }) => total + of(tally), 0);
  const faults = (what: FaultKind) => sum(({ fault }) => (fault?.what === what ? 1 : 0));
  const figures = [
    sum(({ inputs }) => inputs),
    sum(({ refused }) => refused),
    sum(({ accepted }) => accepted),
  ];
  const [inputs, refused, accepted] = figures.map((figure) => figure.toLocaleString('en'));
  return `${inputs} inputs of ${rows.length} kinds: ${refused} refused, ${accepted} read as what they say, ${faults('crash')} crashes, ${faults('hang')} hangs, ${faults('wrong acceptance')} wrong acceptances; seed ${seed}, ${seconds.toFixed(0)} s.`;
}

function tableOf({ rows }: Fuzzed): string {
  return markdownTable(
    ['what is read', 'inputs', 'refused', 'read as what they say'],
    rows.map(({ name, tally }) => [
      name,
      ...[tally.inputs, tally.refused, tally.accepted].map((n) => n.toLocaleString('en')),
    ]),
  );
}

/** `text` with the figures between its markers. Throws where they are missing. */
export function withFigures(file: string, text: string, fuzzed: Fuzzed): Promise<string> {
  const block = `${conclusionOf(fuzzed)}\n\n${tableOf(fuzzed)}`;
  return format(betweenMarkers(file, text, block, 'fuzz'), { parser: 'markdown', printWidth: 140 });
}
