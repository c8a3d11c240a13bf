import { selectBackend } from '../backend/select.ts';
import { loadMnist } from '../data/mnist.ts';
import { messageOf } from '../errors.ts';
import { findIteration } from '../iterations/index.ts';
import { studyHead, studyRunOf } from './run.ts';
import { run } from '../training/run.ts';
import type { Epoch } from '../record.ts';
import type { Reply, Task } from './messages.ts';

/**
 * A process of a study: trains the runs that it is sent, one after the other, on one thread and on WASM, where a seed has
 * the same bits on every machine.
 */
const data = await loadMnist();
const backend = await selectBackend({ force: 'wasm' });

process.on('message', (task: Task) => {
  void train(task).then(say, (error: unknown) => say({ type: 'failed', message: messageOf(error) }));
});
// Without its parent a worker has nobody to work for.
process.on('disconnect', () => process.exit());
process.send!('ready');

async function train({ iteration: id, seed, whole, checkpoints }: Task): Promise<Reply> {
  const before = process.cpuUsage();
  const made = await run({
    iteration: findIteration(id),
    data,
    backend,
    seed,
    threads: 1,
    ...(checkpoints && { checkpoints }),
    progress: {
      onStep: () => undefined,
      onEpoch: sayEpoch,
      onNotice: (line) => say({ type: 'notice', line }),
      onResume(done) {
        say({ type: 'notice', line: `goes on after epoch ${done.length}` });
        done.forEach(sayEpoch);
      },
    },
  });
  const { user, system } = process.cpuUsage(before);
  return {
    type: 'run',
    head: studyHead(made.record),
    run: studyRunOf(made, data),
    ...(whole ? { whole: { record: made.record, weights: made.weights } } : {}),
    cpuSeconds: (user + system) / 1e6,
  };
}

function sayEpoch({ testCorrect, testTotal }: Epoch): void {
  say({ type: 'epoch', testCorrect, testTotal });
}

function say(reply: Reply): void {
  process.send!(reply, undefined, undefined, (error) => {
    if (error) process.exit();
  });
}
