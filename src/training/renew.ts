import { availableParallelism } from 'node:os';
import type { Backend } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import { SHARDS } from '../engine/native/lanes.ts';
import type { Iteration } from '../iterations/define.ts';
import { buildModel } from '../model/build.ts';
import type { RunRecord } from '../record.ts';
import { type CheckpointPlace, clearCheckpoint, clearFinished } from './checkpoint.ts';
import { FIRST_SEED } from './evidence.ts';
import { survey } from './survey.ts';
import { run } from './run.ts';
import { writeRun } from './store.ts';
import type { Progress } from './train.ts';

export interface RenewOptions {
  readonly data: Dataset;
  readonly backend: Backend;
  /** Where the records are. */
  readonly folder: string;
  readonly progress?: (iteration: Iteration) => Progress;
  /** Where interrupted trainings go on; absent: they do not. */
  readonly checkpoints?: CheckpointPlace;
}

/** What became of one iteration's records. */
export interface Renewal {
  readonly id: string;
  /** Trained just now, by seed; none where every record fitted. */
  readonly renewed: readonly RunRecord[];
  /** One line: why they were trained, or that they fit. */
  readonly why: string;
}

/** What has to be trained so that an iteration has evidence again. */
export interface Plan {
  /** None where every record fits. */
  readonly seeds: readonly number[];
  /** Whose record fits. */
  readonly kept: readonly number[];
  /** One line: why they have to be trained, or that the records fit. */
  readonly why: string;
}

/** The seeds whose record in `folder` no longer fits the iteration; the first seed where there is no record at all. */
export function planRenewal(
  iteration: Iteration,
  { data, backend, folder }: Pick<RenewOptions, 'data' | 'backend' | 'folder'>,
): Plan {
  const model = buildModel(iteration.network, { name: iteration.id });
  const { fitting, staleSeeds, why } = survey(iteration, { model, folder, backend, dataSha256: data.sha256 });
  model.dispose();
  const seeds = staleSeeds.length === 0 && fitting.length === 0 ? [FIRST_SEED] : staleSeeds;
  const kept = fitting.map(({ seed }) => seed);
  return { seeds, kept, why: seeds.length === 0 ? 'its records fit' : why };
}

/** Trains anew, and writes, every record that no longer fits its iteration, seed by seed; the first seed where there is none. */
export async function renewRecords(iteration: Iteration, options: RenewOptions): Promise<Renewal> {
  const { data, backend, folder, progress, checkpoints } = options;
  const { seeds, kept, why } = planRenewal(iteration, options);
  for (const seed of checkpoints ? kept : []) {
    clearFinished(
      checkpoints!.folder,
      { id: iteration.id, seed, backend: backend.name },
      iteration.recipe.epochs,
    );
  }
  const renewed: RunRecord[] = [];
  for (const seed of seeds) {
    const made = await run({
      iteration,
      data,
      backend,
      seed,
      // The bits are the same on any number of them.
      threads: Math.min(SHARDS, availableParallelism()),
      ...(progress ? { progress: progress(iteration) } : {}),
      ...(checkpoints && { checkpoints }),
    });
    writeRun(folder, made.record, made.weights);
    if (checkpoints) clearCheckpoint(checkpoints.folder, { id: iteration.id, seed, backend: backend.name });
    renewed.push(made.record);
  }
  return { id: iteration.id, renewed, why };
}
