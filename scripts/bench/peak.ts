import { createMemory, FIRST_FREE_ADDRESS, loadKernels } from '../../src/engine/native/module.ts';
import { gflops } from './operations.ts';

/** What a turn of `multiplyAdds` computes: twelve vectors of four, a multiplication and an addition each. */
const OPERATIONS_PER_TURN = 12 * 4 * 2;
/** About a millisecond. */
const TURNS = 500_000;
/** Sums stay at 1: no overflow, no denormal numbers. */
const FACTOR = 0.5;

/** A function that measures, in about a millisecond, the GFLOP/s of 128-bit multiply-adds in registers on one core. */
export function peakMeter(turns = TURNS): () => number {
  const { multiplyAdds } = loadKernels(createMemory(FIRST_FREE_ADDRESS));
  const measure = () => {
    const start = performance.now();
    multiplyAdds(turns, FACTOR);
    return gflops(turns * OPERATIONS_PER_TURN, performance.now() - start);
  };
  // The first calls run in V8's baseline code.
  for (let i = 0; i < 20; i++) measure();
  return measure;
}
