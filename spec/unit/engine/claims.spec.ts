import { describe, expect, it } from 'vitest';
import { claimBytes, claimShards, type Claims } from '../../../src/engine/native/claims.ts';

const PHASES = 2;
const SHARDS = 8;

describe('shards of a phase', () => {
  it('are worked on by the thread that they belong to, where all are equally fast', () => {
    const [first, second] = crewOf(2);
    const taken = { first: [] as number[], second: [] as number[] };
    for (let i = 0; i < 4; i++) {
      taken.first.push(first!.next(0));
      taken.second.push(second!.next(0));
    }
    expect(taken).toEqual({ first: [0, 2, 4, 6], second: [1, 3, 5, 7] });
    expect([first!.next(0), second!.next(0)]).toEqual([-1, -1]);
  });

  it('are taken over from a thread that has not begun them', () => {
    const [fast, slow] = crewOf(2);
    expect(slow!.next(0)).toBe(1);
    expect(allOf(fast!, 0)).toEqual([0, 2, 4, 6, 3, 5, 7]);
    expect(slow!.next(0)).toBe(-1);
  });

  it.each([1, 2, 3, 4, 8])('are each worked on once, whoever of %i threads comes first', (threads) => {
    const crew = crewOf(threads);
    const taken: number[] = [];
    for (let turn = 0; turn < 200; turn++) {
      const shard = crew[(turn * turn) % threads]!.next(0);
      if (shard >= 0) taken.push(shard);
    }
    expect(taken.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(crew.map((claims) => claims.next(0))).toEqual(crew.map(() => -1));
  });

  it('are there again in the next step, and phases do not mix', () => {
    const crew = crewOf(3);
    expect(allOf(crew[1]!, 0)).toHaveLength(SHARDS);
    crew.forEach((claims) => claims.reset(0));
    expect(allOf(crew[1]!, 1)).toHaveLength(SHARDS);
    expect(allOf(crew[2]!, 0)).toHaveLength(SHARDS);
  });
});

function crewOf(threads: number): Claims[] {
  const at = 64;
  const bytes = at + claimBytes(PHASES, threads);
  const memory = new WebAssembly.Memory({
    initial: Math.ceil(bytes / 65_536),
    maximum: 1,
    shared: true,
  });
  return Array.from({ length: threads }, (_, thread) =>
    claimShards({ memory, at, thread, threads, shardCount: SHARDS }),
  );
}

function allOf(claims: Claims, phase: number): number[] {
  const taken: number[] = [];
  for (let shard = claims.next(phase); shard >= 0; shard = claims.next(phase)) taken.push(shard);
  return taken;
}
