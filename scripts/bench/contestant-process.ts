import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Iteration } from '../../src/iterations/define.ts';

/**
 * A contestant is a process of its own that trains the same network on the same batch size. It says one line of JSON
 * when it is ready (or why it cannot take part), and then, for every line with a number, does so many steps and says how
 * many milliseconds each took. All wait for their turn: none runs beside another.
 */
export const readyLine = z.union([
  z.object({
    /** Its version and whatever else says what was measured. */
    ready: z.string(),
    parameters: z.number().int(),
    /** Of the first steps; absent where its images or dropout masks are others and nothing can be compared. */
    losses: z.array(z.number()).optional(),
  }),
  z.object({ absent: z.string() }),
]);
const samplesLine = z.object({ milliseconds: z.array(z.number().positive()) });
export type ReadyLine = z.infer<typeof readyLine>;

export interface Contestant {
  readonly about: string;
  readonly parameters: number;
  readonly losses: readonly number[] | undefined;
  /** Does steps and tells the milliseconds of each. */
  run(steps: number): Promise<readonly number[]>;
  leave(): void;
}

export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A contestant that runs in Node: contestant.ts. */
export function nodeStart(options: {
  /** What `contestant.ts` knows: own, stock, naive, cpu, tfjsNode. */
  readonly kind: string;
  readonly task: Pick<Iteration, 'network' | 'recipe'>;
  readonly threads: number;
  readonly warmup: number;
  /** Absent: the recipe's batch. */
  readonly images?: number;
  readonly env?: Readonly<Record<string, string>>;
}): Start {
  const { kind, task, threads, warmup, images, env } = options;
  const file = fileURLToPath(new URL('contestant.ts', import.meta.url));
  const args = [
    `--kind=${kind}`,
    `--task=${JSON.stringify(task)}`,
    `--threads=${threads}`,
    `--warmup=${warmup}`,
  ];
  if (images !== undefined) args.push(`--images=${images}`);
  return { command: process.execPath, args: ['--import', 'tsx', file, ...args], ...(env && { env }) };
}

/** Starts a contestant; resolves with why not where it cannot take part. Throws where it breaks off. */
export async function startContestant({ command, args, env }: Start): Promise<Contestant | string> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
  try {
    await once(child, 'spawn');
  } catch {
    return `${command} does not start`;
  }
  const nextLine = linesOf(child);
  const greeting = readyLine.parse(await nextLine());
  if ('absent' in greeting) {
    child.stdin.end();
    return greeting.absent;
  }
  return {
    about: greeting.ready,
    parameters: greeting.parameters,
    losses: greeting.losses,
    async run(steps) {
      child.stdin.write(`${steps}\n`);
      return samplesLine.parse(await nextLine()).milliseconds;
    },
    leave: () => child.stdin.end(),
  };
}

/** The child's lines of JSON, one a call; other lines are what libraries say when they load. */
function linesOf(child: ChildProcessWithoutNullStreams): () => Promise<unknown> {
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`a contestant of the benchmark broke off: ${complaint.trim()}`);
      if (value.startsWith('{')) return JSON.parse(value) as unknown;
    }
  };
}
