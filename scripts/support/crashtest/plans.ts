import { keyOf, uniform } from '../../../src/random.ts';
import type { Kill } from './command.ts';
import type { Golden, Plan } from './trial.ts';
import { type Work, WORKS } from './works.ts';

/** How many of a hundred interruptions each work gets: a bless takes longest, as it runs the specs twice. */
const SHARES: Readonly<Record<string, number>> = { train: 45, study: 20, bless: 10, fetch: 25 };
const SIGNALS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM', 'SIGINT'];
/** A part of them on a disk that fills up, a part of those killed as well. */
const FULL_DISKS = 0.25;
const KILLED_TOO = 0.3;
/** On a full disk: free bytes, from none to more than a command needs. */
const MOST_FREE = 100_000;
/** A part of the kills comes within these milliseconds after a file was written, made or renamed: torn files are made there. */
const AT_A_CHANGE = 0.5;
const SOON_MS = 8;
const MOST_CHANGES = 60;

/** Draws `count` interruptions from a seed. */
export function drawPlans(count: number, seed: number, golden: ReadonlyMap<string, Golden>): Plan[] {
  return Array.from({ length: count }, (_, number) => {
    let drawn = 0;
    const draw = () => uniform(keyOf(seed, CRASHES, number), drawn++);
    const work = workAt((number + 0.5) / count);
    const replaces = work.mayReplace && draw() < 0.5;
    const isFull = draw() < FULL_DISKS;
    const kill = killOf(draw, golden.get(work.name)!.ms);
    const free = Math.floor(draw() * MOST_FREE);
    const isKilled = !isFull || draw() < KILLED_TOO;
    return { number: number + 1, work, replaces, ...(isFull && { free }), ...(isKilled && { kill }) };
  });
}

/** Apart from the streams of trainings. */
const CRASHES = 0xc7a5;

function killOf(draw: () => number, ms: number): Kill {
  const signal = SIGNALS[Math.floor(draw() * SIGNALS.length)]!;
  const atChange = draw() < AT_A_CHANGE;
  return {
    signal,
    after: atChange ? 'change' : 'start',
    change: 1 + Math.floor(draw() * MOST_CHANGES),
    ms: atChange ? draw() * SOON_MS : draw() * ms,
  };
}

function workAt(share: number): Work {
  let until = 0;
  for (const work of WORKS) {
    until += SHARES[work.name]! / 100;
    if (share < until) return work;
  }
  return WORKS.at(-1)!;
}
