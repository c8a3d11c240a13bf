import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startCrew } from '../../src/study/crew.ts';
import type { RunDone } from '../../src/study/messages.ts';

const WORKER = fileURLToPath(new URL('fake-worker.ts', import.meta.url));
const task = (seed: number) => ({ iteration: '5-lr-scheduler', seed, whole: seed === 1 });

async function work(seeds: readonly number[], jobs: number) {
  const done = new Map<number, RunDone>();
  const failed = new Map<number, string>();
  let epochs = 0;
  const crew = startCrew(
    seeds.map(task),
    jobs,
    {
      onNotice: () => undefined,
      onEpoch: () => epochs++,
      onRun: ({ seed }, run) => done.set(seed, run),
      onFailure: ({ seed }, message) => failed.set(seed, message),
    },
    { worker: WORKER, execArgv: ['--import', 'tsx'] },
  );
  await crew.done;
  return { done, failed, epochs };
}

describe('the processes of a study', { timeout: 60_000 }, () => {
  test('do every run once and hand it over as it is', async () => {
    const { done, failed, epochs } = await work([1, 2, 5], 1);
    expect([...done.keys()]).toEqual([1, 2, 5]);
    expect(failed.size).toBe(0);
    expect(epochs).toBe(3);
    expect(done.get(2)!.run.trainLoss).toEqual([NaN, 1, 2]);
    // One process did all three.
    expect(new Set([...done.values()].map(({ head }) => head.engine.version)).size).toBe(1);
  });

  test('name the run that throws and the one whose process dies, and go on with the others', async () => {
    const { done, failed } = await work([1, 3, 4, 5, 6], 2);
    expect([...done.keys()].toSorted((a, b) => a - b)).toEqual([1, 5, 6]);
    expect(failed.get(3)).toBe('diverged');
    expect(failed.get(4)).toBe('its process ended early (code 9)');
    expect(failed.size).toBe(2);
  });

  test('end, each run named, where no process comes up', async () => {
    const failed: number[] = [];
    const crew = startCrew(
      [1, 2].map(task),
      2,
      {
        onNotice: () => undefined,
        onEpoch: () => undefined,
        onRun: () => undefined,
        onFailure: ({ seed }) => failed.push(seed),
      },
      { worker: `${WORKER}.none`, execArgv: [] },
    );
    await crew.done;
    expect(failed.toSorted()).toEqual([1, 2]);
  });

  test('end with what is thrown by whoever is told of a run, as where a disk is full', async () => {
    const failed: number[] = [];
    const crew = startCrew(
      [1, 2, 5].map(task),
      2,
      {
        onNotice: () => undefined,
        onEpoch: () => undefined,
        onRun: () => {
          throw new Error('no space left on device');
        },
        onFailure: ({ seed }) => failed.push(seed),
      },
      { worker: WORKER, execArgv: ['--import', 'tsx'] },
    );
    await expect(crew.done.finally(() => crew.stop())).rejects.toThrow('no space left on device');
    expect(failed).toEqual([]);
  });

  test('have nothing to do without runs', async () => {
    expect((await work([], 2)).done.size).toBe(0);
  });
});
