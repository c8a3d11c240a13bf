import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { GateError } from '../errors.ts';
import type { Study } from './schema.ts';

/** One run that is to be trained again, and why that one. */
export interface Draw {
  readonly id: string;
  readonly seed: number;
  readonly why: 'changed' | 'drawn' | 'all';
}

/**
 * Which runs of the head to train again: each that the base has not, or has otherwise; and of every study's others one,
 * drawn by the commit's hash, so that nobody knows which before the commit exists. Pure.
 * `commit`: the head's commit hash in hexadecimal.
 */
export function drawReplays(base: readonly Study[], head: readonly Study[], commit: string): Draw[] {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) {
    throw new GateError(`"${commit}" is not a commit's hash: runs are drawn by it. Give all of its digits.`);
  }
  return head.flatMap((study) => {
    const before = base.find((each) => each.id === study.id && each.backend.name === study.backend.name);
    const changed = study.runs.filter((run) => !sameRun(before, study, run.seed));
    const others = study.runs.filter((run) => !changed.includes(run));
    const drawn = others[drawnIndex(commit, study.id, others.length)];
    return [
      ...changed.map(({ seed }): Draw => ({ id: study.id, seed, why: 'changed' })),
      ...(drawn ? [{ id: study.id, seed: drawn.seed, why: 'drawn' } as const] : []),
    ];
  });
}

/** Every run of every study. */
export function drawAll(head: readonly Study[]): Draw[] {
  return head.flatMap(({ id, runs }) => runs.map(({ seed }): Draw => ({ id, seed, why: 'all' })));
}

function sameRun(before: Study | undefined, now: Study, seed: number): boolean {
  if (before === undefined || before.fingerprint !== now.fingerprint) return false;
  const [a, b] = [before, now].map((study) => study.runs.filter((run) => run.seed === seed));
  return isDeepStrictEqual(a, b);
}

/** Digits of the hash that are read as a number: 48 bits, exact in a double, and no count of runs skews them. */
const HASH_DIGITS = 12;

function drawnIndex(commit: string, id: string, count: number): number {
  const digest = createHash('sha256').update(`${commit} ${id}`).digest('hex').slice(0, HASH_DIGITS);
  return count === 0 ? -1 : Number.parseInt(digest, 16) % count;
}
