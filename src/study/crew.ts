import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EpochDone, Reply, RunDone, Task } from './messages.ts';

const HERE = import.meta.url;
/** TypeScript in the sources, JavaScript in the package. */
const WORKER = fileURLToPath(new URL(`./worker${extname(HERE)}`, HERE));

/** Told as things happen, never two at once. */
export interface Listener {
  onEpoch(task: Task, epoch: EpochDone): void;
  onNotice(task: Task, line: string): void;
  onRun(task: Task, done: RunDone): void;
  /** The run did not come to its end: it threw, or its process is gone. */
  onFailure(task: Task, message: string): void;
}

/** What a process runs, and how Node is started for it. */
interface Processes {
  readonly worker: string;
  readonly execArgv: readonly string[];
}

/**
 * Does all tasks, `jobs` of them side by side, each process one after the other. A task that fails, or whose process dies,
 * is told, and the others go on in a new process. Resolves when nothing is left, rejects with what `listener` throws (such as
 * that a run cannot be written), and whoever waits then stops the others; `stop` ends all processes at once.
 */
export function startCrew(
  tasks: readonly Task[],
  jobs: number,
  listener: Listener,
  { worker = WORKER, execArgv = process.execArgv }: Partial<Processes> = {},
): { readonly done: Promise<void>; stop(): void } {
  const queue = [...tasks];
  const children = new Set<ChildProcess>();
  let isStopped = false;
  const hand = async (): Promise<void> => {
    while (queue.length > 0)
      await serve(fork(worker, { serialization: 'advanced', execArgv: [...execArgv] }));
  };
  /** Until the queue is empty or the process is gone. */
  const serve = (child: ChildProcess) =>
    new Promise<void>((resolve, reject) => {
      children.add(child);
      let task: Task | undefined;
      const next = () => {
        task = queue.shift();
        if (task) child.send(task);
        else child.disconnect();
      };
      const fail = (why: string) => {
        if (isStopped) return;
        // A process that dies before its first task takes that task with it: else it would be tried for ever.
        const lost = task ?? queue.shift();
        task = undefined;
        if (lost) listener.onFailure(lost, why);
      };
      const hear = (message: 'ready' | Reply) => {
        if (message === 'ready') return next();
        if (message.type === 'epoch') return listener.onEpoch(task!, message);
        if (message.type === 'notice') return listener.onNotice(task!, message.line);
        if (message.type === 'run') listener.onRun(task!, message);
        else listener.onFailure(task!, message.message);
        next();
      };
      child.on('message', (message: 'ready' | Reply) => {
        if (isStopped) return;
        try {
          hear(message);
        } catch (error) {
          // Thrown from here it would reach nobody who could say it in a line.
          reject(error);
        }
      });
      let isOver = false;
      const over = (why: string | undefined) => {
        if (isOver) return;
        isOver = true;
        children.delete(child);
        if (why !== undefined) fail(why);
        resolve();
      };
      child.on('error', (error) => over(error.message));
      child.on('exit', (code, signal) => {
        const ended = task === undefined && code === 0;
        over(ended ? undefined : `its process ended early (${signal ?? `code ${code}`})`);
      });
    });
  const done = Promise.all(Array.from({ length: jobs }, hand)).then(() => undefined);
  return {
    done,
    stop() {
      isStopped = true;
      queue.length = 0;
      for (const child of children) child.kill();
    },
  };
}
