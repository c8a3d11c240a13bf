import type { Reply, Task } from '../../src/study/messages.ts';
import { studyRun } from '../support/studies.ts';

/** Stands in for a process that trains: seed 3 throws, seed 4 takes its process with it, the others are done at once. */
process.on('message', ({ iteration, seed, whole }: Task) => {
  if (seed === 4) process.exit(9);
  if (seed === 3) return say({ type: 'failed', message: 'diverged' });
  say({ type: 'epoch', testCorrect: 9_000, testTotal: 10_000 });
  say({
    type: 'run',
    head: {
      schema: 1,
      id: iteration,
      name: String(whole),
      fingerprint: 'f'.repeat(64),
      engine: { name: 'wasm', version: String(process.pid) },
      backend: { name: 'wasm', version: '1' },
      data: { name: 'none', sha256: 'd'.repeat(64), train: 60_000, test: 10_000, classes: 10 },
    },
    run: { ...studyRun(seed), trainLoss: [NaN, 1, 2] },
    cpuSeconds: 1,
  });
});
process.on('disconnect', () => process.exit());
process.send!('ready');

function say(reply: Reply): void {
  process.send!(reply);
}
