import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Iteration } from '../../src/iterations/define.ts';
import type { EpochFigures, Memory } from './schema.ts';

/** What epoch-run.ts says. */
export interface EpochRun {
  readonly data: string;
  readonly trainingSeconds: readonly number[];
  readonly evaluationSeconds: readonly number[];
  readonly memory: Memory['epochs'];
  readonly peakMegabytes: number;
}

export interface EpochOptions {
  readonly iteration: Iteration;
  readonly threads: number;
  readonly images: number;
  readonly test: number;
}

/** One epoch and one evaluation in a process of its own. */
export async function measureEpoch(options: EpochOptions): Promise<EpochFigures & { readonly data: string }> {
  const { data, trainingSeconds, evaluationSeconds, peakMegabytes } = await runEpochs(options, 1);
  return {
    data,
    iteration: options.iteration.id,
    threads: options.threads,
    images: options.images,
    trainingSeconds: trainingSeconds[0]!,
    evaluationImages: options.test,
    evaluationSeconds: evaluationSeconds[0]!,
    peakMegabytes,
  };
}

/** Seconds of each epoch with its evaluation, in one process. */
export async function measureEpochs(options: EpochOptions, epochs: number): Promise<number[]> {
  const { trainingSeconds, evaluationSeconds } = await runEpochs(options, epochs);
  return trainingSeconds.map((seconds, i) => seconds + evaluationSeconds[i]!);
}

/** Memory after each of some epochs, rubbish collected, and at its highest. */
export async function measureMemory(options: EpochOptions, epochs: number): Promise<Memory> {
  const { memory, peakMegabytes } = await runEpochs(options, epochs);
  return { iteration: options.iteration.id, peakMegabytes, epochs: memory };
}

async function runEpochs(
  { iteration, threads, images, test }: EpochOptions,
  epochs: number,
): Promise<EpochRun> {
  const file = fileURLToPath(new URL('epoch-run.ts', import.meta.url));
  const settings = { iteration: iteration.id, threads, epochs, images, test };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  // Only where the process collects its rubbish can what stays be told from what is left lying.
  const flags = epochs > 1 ? ['--expose-gc'] : [];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    '--import',
    'tsx',
    file,
    ...args,
  ]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as EpochRun;
}
