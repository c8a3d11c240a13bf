import type { Backend } from '../backend/select.ts';
import type { Dataset } from '../data/dataset.ts';
import { messageOf } from '../errors.ts';
import type { Iteration } from '../iterations/define.ts';
import type { Epoch, RunRecord } from '../record.ts';
import { run } from '../training/run.ts';
import type { Run } from '../training/run.ts';
import { describeDifference, differences } from './differences.ts';

/** What is claimed of a run that can be trained again from data alone: a record, or one seed of a study. */
export type RunClaim = Pick<RunRecord, 'id' | 'name' | 'seed' | 'network' | 'recipe'> & {
  /** Compared in what is there: a study keeps fewer figures of an epoch than a record. */
  readonly epochs: readonly Partial<Epoch>[];
  readonly weights: Pick<RunRecord['weights'], 'sha256'>;
};

export type Replayed =
  /** Every figure of every epoch and the weights came out again, to the bit. */
  | { readonly outcome: 'equal'; readonly run: Run }
  /** The epoch in which the two part; absent: all epochs are equal and something after them is not. */
  | { readonly outcome: 'parted'; readonly epoch?: number; readonly what: string }
  /** It could not be trained at all. */
  | { readonly outcome: 'impossible'; readonly reason: string };

/** Trains a run again and compares. */
export type Replay = (claim: RunClaim) => Promise<Replayed>;

export interface ReplayMeans {
  readonly data: Dataset;
  /** WASM: the same bits on every machine. */
  readonly backend: Backend;
  readonly threads?: number;
}

/** Replays with this installation's own engine and data. It stops at the first epoch that differs. */
export function replayWith(means: ReplayMeans): Replay {
  return async (claim) => {
    if (claim.network.form !== 'layers') {
      return {
        outcome: 'impossible',
        reason: 'it was trained by a loop of its own, which no record can hold',
      };
    }
    if (claim.recipe['epochs'] !== claim.epochs.length) {
      const what = `${claim.epochs.length} epochs are claimed, its recipe has ${String(claim.recipe['epochs'])}`;
      return { outcome: 'parted', what };
    }
    const { form: _, ...network } = claim.network;
    // Checked by what it is handed to: the network as it is built, the recipe as training begins.
    const iteration = {
      id: claim.id,
      name: claim.name,
      concept: '',
      why: '',
      network,
      recipe: claim.recipe,
    } as unknown as Iteration;
    try {
      const done = await run({
        ...means,
        iteration,
        seed: claim.seed,
        progress: { onStep: () => {}, onEpoch: (epoch) => compareEpoch(claim, epoch) },
      });
      return outcomeOf(claim, done);
    } catch (error) {
      if (error instanceof Parted) return { outcome: 'parted', epoch: error.epoch, what: error.message };
      return { outcome: 'impossible', reason: messageOf(error) };
    }
  };
}

/** Ends a training that is not what was claimed. */
class Parted extends Error {
  readonly epoch: number;

  constructor(epoch: number, message: string) {
    super(message);
    this.epoch = epoch;
  }
}

function compareEpoch({ epochs }: RunClaim, trained: Epoch): void {
  const claimed = epochs[trained.epoch - 1] ?? {};
  const found = Object.fromEntries(Object.keys(claimed).map((key) => [key, trained[key as keyof Epoch]]));
  // Seconds are those of the machine.
  const [first] = differences(claimed, found, (path) => path === 'seconds');
  if (first) throw new Parted(trained.epoch, describeDifference(first));
}

function outcomeOf(claim: RunClaim, done: Run): Replayed {
  const { weights } = done.record;
  if (weights.sha256 !== claim.weights.sha256) {
    return {
      outcome: 'parted',
      what: `weights of SHA-256 ${claim.weights.sha256.slice(0, 12)} are claimed, training ends with ${weights.sha256.slice(0, 12)}`,
    };
  }
  return { outcome: 'equal', run: done };
}
