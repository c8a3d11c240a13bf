import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createMemory, FIRST_FREE_ADDRESS } from '../../src/engine/native/module.ts';

const ROUNDS = 500;
/** Longer than a thread turns in a loop before it lies down. */
const NAP_MS = 30;
/** Where each thread writes the round it is in. */
const SLOTS = FIRST_FREE_ADDRESS + 64;

/**
 * One of several threads: before each meeting it writes its round, after it every slot must hold that round. A second
 * meeting keeps the fast from writing before the slow have looked. Some rounds begin with a nap of one thread.
 */
const THREAD = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { module, memory, at, slots, thread, threads, rounds, nap } = workerData;
  const { meet } = new WebAssembly.Instance(module, { env: { memory, abort() { throw new Error('abort'); } } }).exports;
  const words = new Int32Array(memory.buffer);
  let mistakes = 0;
  for (let round = 1; round <= rounds; round++) {
    if (round % 100 === 50 && (round / 50) % threads === thread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, nap);
    words[slots / 4 + thread] = round;
    meet(at, threads, 100_000, -1);
    for (let other = 0; other < threads; other++) if (words[slots / 4 + other] !== round) mistakes++;
    meet(at, threads, 100_000, -1);
  }
  parentPort.postMessage(mistakes);
`;

describe('threads that meet', () => {
  it.each([2, 3, 4])(
    `go on together, all %i of them, ${2 * ROUNDS} times, even where one is late`,
    async (threads) => {
      const memory = createMemory(2 * FIRST_FREE_ADDRESS);
      const mistakes = await Promise.all(
        Array.from({ length: threads }, (_, thread) => mistakesOf(memory, thread, threads)),
      );
      expect(mistakes).toEqual(mistakes.map(() => 0));
      const [waiting, meetings] = new Int32Array(memory.buffer, FIRST_FREE_ADDRESS, 2);
      expect({ waiting, meetings }).toEqual({ waiting: 0, meetings: 2 * ROUNDS });
    },
  );

  it('are not waited for where there is one', async () => {
    expect(await mistakesOf(createMemory(2 * FIRST_FREE_ADDRESS), 0, 1)).toBe(0);
  });
});

async function mistakesOf(memory: WebAssembly.Memory, thread: number, threads: number): Promise<number> {
  const binary = readFileSync(new URL('../../build/kernels.wasm', import.meta.url));
  const module = new WebAssembly.Module(binary);
  const workerData = {
    module,
    memory,
    at: FIRST_FREE_ADDRESS,
    slots: SLOTS,
    thread,
    threads,
    rounds: ROUNDS,
    nap: NAP_MS,
  };
  const worker = new Worker(THREAD, { eval: true, workerData });
  try {
    return await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  } finally {
    await worker.terminate();
  }
}
