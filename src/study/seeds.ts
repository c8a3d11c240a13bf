import { GateError } from '../errors.ts';

/** The seeds of the committed studies. */
export const DECLARED_SEEDS = '1-20';

const LARGEST_SEED = 2 ** 31 - 1;
/** A slip such as 1-2000000 should not start two million runs. */
const MOST_SEEDS = 10_000;

/** "1-3,7" as [1, 2, 3, 7]: whole numbers and ranges with commas between them. Throws GateError on anything else and on a seed that is named twice. */
export function parseSeeds(text: string): readonly number[] {
  const seeds: number[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,10})(?:-(\d{1,10}))?\s*$/.exec(part);
    const from = Number(match?.[1] ?? NaN);
    const to = Number(match?.[2] ?? from);
    if (!match || from > to || to > LARGEST_SEED) {
      throw new GateError(
        `Seeds "${text}": "${part.trim()}" is no seed and no range: give whole numbers such as 1-20 or 1,2,5-8.`,
      );
    }
    if (seeds.length + to - from + 1 > MOST_SEEDS) {
      throw new GateError(`Seeds "${text}": these are more than ${MOST_SEEDS} runs. Give fewer.`);
    }
    for (let seed = from; seed <= to; seed++) seeds.push(seed);
  }
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (twice !== undefined) throw new GateError(`Seeds "${text}": ${twice} is named twice.`);
  return seeds.toSorted((a, b) => a - b);
}

/** The shortest text that `parseSeeds` turns back into the same seeds: "1-3, 7". */
export function describeSeeds(seeds: readonly number[]): string {
  const parts: string[] = [];
  const sorted = seeds.toSorted((a, b) => a - b);
  for (let i = 0; i < sorted.length;) {
    let last = i;
    while (sorted[last + 1] === sorted[last]! + 1) last++;
    parts.push(last === i ? `${sorted[i]}` : `${sorted[i]}-${sorted[last]}`);
    i = last + 1;
  }
  return parts.join(', ');
}
