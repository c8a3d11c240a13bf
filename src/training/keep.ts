import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backend } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Engine } from '../engine/engine.ts';
import { messageOf } from '../errors.ts';
import { claim, Claimed } from '../files/claim.ts';
import type { Recipe } from '../recipe/recipe.ts';
import {
  type Checkpoint,
  checkpointFile,
  type CheckpointIdentity,
  type CheckpointPlace,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';
import { layersOf, sha256OfJson } from './fingerprint.ts';
import type { Progress } from './train.ts';
import { setWeightsFromBytes, sha256OfBytes, weightsToBytes } from './weights-file.ts';

export interface KeptRun {
  readonly id: string;
  readonly seed: number;
  readonly recipe: Recipe;
  readonly data: Dataset;
  readonly backend: Backend;
  /** Before its first step. */
  readonly engine: Engine;
  readonly model: LayersModel;
  /** SHA-256 of what the model started from. */
  readonly firstWeights: string;
  readonly progress?: Progress;
}

export interface Keeper {
  /** What was done before; the engine has its state. Absent: nothing that can be used. */
  readonly before?: Checkpoint;
  /** After an epoch. A disk that is full does not end the training: it is said, once. */
  keep(done: Omit<Checkpoint, 'state'>): void;
  /** When the run is over: another process may train it. */
  release(): void;
}

/**
 * Puts the engine where an interrupted run left off, if its checkpoint is sound, and writes a checkpoint after each further epoch.
 * Throws GateError where another process is training this very run.
 */
export function keepRun({ folder, fresh = false }: CheckpointPlace, run: KeptRun): Keeper {
  const { engine, progress } = run;
  const file = checkpointFile(folder, { id: run.id, seed: run.seed, backend: run.backend.name });
  const identity = identityOf(run);
  const release = claimRun(file, run);
  const found = fresh ? 'none' : readCheckpoint(file, identity);
  const used = found === 'none' ? found : 'why' in found ? found : restored(found.checkpoint, run);
  if (used !== 'none' && 'why' in used) {
    progress?.onNotice?.(`${file} is not used: ${used.why}. Training starts anew.`);
  }
  let isSaid = false;
  return {
    release,
    ...(used !== 'none' && 'checkpoint' in used && { before: used.checkpoint }),
    keep(done) {
      try {
        writeCheckpoint(file, identity, { ...done, state: engine.saveState() });
      } catch (error) {
        if (!isSaid) {
          progress?.onNotice?.(
            `${messageOf(error)} Training goes on; an interruption would lose this epoch.`,
          );
        }
        isSaid = true;
      }
    },
  };
}

/** A disk on which nothing can be claimed takes no checkpoint either, which is said where one is written. */
function claimRun(file: string, { id, seed }: KeptRun): () => void {
  try {
    return claim(`${file}.lock`, `Training ${id} with seed ${seed}`);
  } catch (error) {
    if (error instanceof Claimed) throw error;
    return () => undefined;
  }
}

function restored(
  checkpoint: Checkpoint,
  { engine, model, recipe }: KeptRun,
): { checkpoint: Checkpoint } | { why: string } {
  if (checkpoint.epochs.length > recipe.epochs) return { why: 'it has more epochs than the recipe' };
  const first = engine.saveState();
  if (checkpoint.state.length !== first.length) {
    return { why: `its state has ${checkpoint.state.length} bytes, expected ${first.length}` };
  }
  engine.loadState(checkpoint.state);
  if (evaluatedSha256(engine, model) === checkpoint.weightsAfter.at(-1)) return { checkpoint };
  engine.loadState(first);
  return { why: 'its state does not give the weights that it speaks of' };
}

function identityOf({
  id,
  seed,
  recipe,
  data,
  backend,
  engine,
  model,
  firstWeights,
}: KeptRun): CheckpointIdentity {
  const { name, sha256, train, test } = data;
  return {
    id,
    seed,
    network: sha256OfJson(layersOf(model)),
    recipe: sha256OfJson(recipe),
    firstWeights,
    // Two cuts of one set have the same hash.
    data: sha256OfJson({ name, sha256, train: train.count, test: test.count }),
    engine: `${engine.name} ${engine.version}`,
    backend: `${backend.name} ${backend.version}`,
  };
}

/** Of the weights that `evaluate` uses. The model's own are put back: an engine may train in them and average beside them. */
export function evaluatedSha256(engine: Engine, model: LayersModel): string {
  const own = weightsToBytes(model);
  engine.writeWeights();
  const sha256 = sha256OfBytes(weightsToBytes(model));
  setWeightsFromBytes(model, own, model.name);
  return sha256;
}
