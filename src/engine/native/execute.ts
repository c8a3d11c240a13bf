import type { Kernels } from './bindings.ts';
import type { Claims } from './claims.ts';
import { LANES } from './lanes.ts';
import type { Program } from './program.ts';

/** One of several threads that run a program together. */
export interface Part {
  readonly kernels: Kernels;
  readonly thread: number;
  readonly threads: number;
  readonly claims: Claims;
  /** Notes which part of the program begins: 0 what prepares it, then its phases, then what finishes it. */
  enter(part: number): void;
  /** Waits for all threads; throws where one of them failed. */
  meet(): void;
  /** Lays the images of a block, of which `live` exist. */
  load(block: number, live: number): void;
}

type BlockFunction = (d: number, block: number, live: number, shard: number, thread: number) => void;
type OnceFunction = (d: number, thread: number, threads: number) => void;

/** A program with its kernels at hand: runs this thread's part of it over so many images. */
export function linkProgram(program: Program, part: Part): (images: number) => void {
  const { kernels, thread, threads, claims, enter, meet, load } = part;
  const { shardCount } = program;
  const own = thread * program.descriptorStride;
  const blockSteps = (steps: Program['phases'][number]['each']) =>
    steps.map(({ kernel, descriptor }) => ({ run: kernels[kernel] as BlockFunction, d: descriptor + own }));
  const onceSteps = (steps: Program['prepare']) =>
    steps.map(({ kernel, descriptor }) => ({ run: kernels[kernel] as OnceFunction, d: descriptor + own }));
  const prepare = onceSteps(program.prepare);
  const finish = onceSteps(program.finish);
  const addUp = onceSteps(program.addUp);
  const phases = program.phases.map(({ each, once }) => ({ each: blockSteps(each), once: onceSteps(once) }));
  const runOnce = (steps: typeof prepare) => {
    if (steps.length === 0) return;
    for (const { run, d } of steps) run(d, thread, threads);
    meet();
  };
  const clearSums = (shard: number) => {
    for (const { address, stride, bytes } of program.sums) kernels.clear(address + shard * stride, bytes);
  };
  return (images) => {
    const blocks = Math.ceil(images / LANES);
    const perShard = Math.ceil(blocks / shardCount);
    enter(0);
    runOnce(prepare);
    phases.forEach(({ each, once }, phase) => {
      enter(1 + phase);
      for (let shard = claims.next(phase); shard >= 0; shard = claims.next(phase)) {
        if (phase === 0) clearSums(shard);
        const end = Math.min(blocks, (shard + 1) * perShard);
        for (let block = shard * perShard; block < end; block++) {
          const live = Math.min(LANES, images - block * LANES);
          if (phase === 0) load(block, live);
          for (const { run, d } of each) run(d, block, live, shard, thread);
        }
      }
      meet();
      claims.reset(phase);
      runOnce(once);
    });
    enter(1 + phases.length);
    runOnce(finish);
    runOnce(addUp);
  };
}
