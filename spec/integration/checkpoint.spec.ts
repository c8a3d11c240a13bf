import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, selectBackend } from '../../src/backend/select.ts';
import { makeDataset } from '../../src/data/check-dataset.ts';
import { slice } from '../../src/data/dataset.ts';
import type { Iteration } from '../../src/iterations/define.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import type { Epoch } from '../../src/record.ts';
import {
  checkpointFile,
  checkpointsOf,
  clearCheckpoint,
  clearFinished,
} from '../../src/training/checkpoint.ts';
import { evidenceOfRecords } from '../../src/training/evidence.ts';
import { run, type Run, type RunOptions } from '../../src/training/run.ts';
import { RECIPE, SHORT_DIGITS, TINY } from '../support/tiny-iteration.ts';

const EPOCHS = 3;
/** Few, so that four dozen trainings take seconds. */
const DATA = makeDataset({
  ...SHORT_DIGITS,
  train: slice(SHORT_DIGITS.train, 0, 128),
  test: slice(SHORT_DIGITS.test, 0, 50),
});
const PLAIN: Recipe = {
  ...RECIPE,
  epochs: EPOCHS,
  augmentation: { rotation: 10, shift: 1 },
};
const { momentum: _, ...REST } = PLAIN;
const ADAM: Recipe = {
  ...REST,
  optimizer: { type: 'adam' },
  schedule: { type: 'constant', learningRate: 0.01 },
};
const PLATEAU: Recipe = {
  ...PLAIN,
  schedule: { type: 'plateau', initial: 0.3, factor: 0.5, patience: 0, threshold: 0.5 },
  validation: { images: 60 },
};

let backend: Backend;
beforeAll(async () => {
  backend = await selectBackend({ force: 'wasm' });
});
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'check points-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const iterationOf = (recipe: Recipe): Iteration => ({ ...TINY, recipe });
const RUN = { id: TINY.id, seed: 1, backend: 'wasm' };
const file = () => checkpointFile(folder, RUN);

/** Everything about a run but its seconds and threads. */
function bits({ record, weights, weightsAfter, predictions }: Run) {
  const { seconds: _s, threads: _t, seal: _seal, epochs, ...rest } = record;
  const rows = epochs.map(({ seconds: _each, ...row }) => row);
  return { ...rest, epochs: rows, weights: [...weights], weightsAfter, predictions: Array.from(predictions) };
}

class Killed extends Error {}

interface Told {
  readonly notices: string[];
  readonly resumed: number[];
  readonly trained: number[];
}

/** Trains; is stopped after epoch `stopAfter`, as a kill would, where that is given. */
async function trained(
  recipe: Recipe,
  options: Partial<RunOptions> = {},
  stopAfter?: number,
): Promise<{ readonly made?: Run; readonly told: Told }> {
  const told: Told = { notices: [], resumed: [], trained: [] };
  try {
    const made = await run({
      iteration: iterationOf(recipe),
      data: DATA,
      backend,
      seed: 1,
      checkpoints: { folder },
      ...options,
      progress: {
        onStep: () => undefined,
        onEpoch({ epoch }: Epoch) {
          told.trained.push(epoch);
          if (epoch === stopAfter) throw new Killed();
        },
        onNotice: (line) => void told.notices.push(line),
        onResume: (done) => void told.resumed.push(done.length),
      },
    });
    return { made, told };
  } catch (error) {
    if (error instanceof Killed) return { told };
    throw error;
  }
}

/** What an uninterrupted run gives; each recipe is trained once. */
const wholes = new Map<Recipe, Promise<Run>>();
async function whole(recipe: Recipe) {
  const made = wholes.get(recipe) ?? run({ iteration: iterationOf(recipe), data: DATA, backend, seed: 1 });
  wholes.set(recipe, made);
  return bits(await made);
}

describe('a run that was stopped after an epoch', { timeout: 60_000 }, () => {
  it.each([
    ['SGD with momentum, dropout and augmentation', PLAIN],
    ['Adam', ADAM],
    ['averaged weights', { ...PLAIN, weightAveraging: { decay: 0.9 } }],
    ['a plateau schedule and images set apart', PLATEAU],
  ])('goes on to the same bits, wherever it was stopped: %s', async (_name, recipe) => {
    const expected = await whole(recipe);
    for (const stopAfter of [1, 2, EPOCHS]) {
      await trained(recipe, {}, stopAfter);
      const { made, told } = await trained(recipe);
      expect(told).toEqual({
        notices: [],
        resumed: [stopAfter],
        trained: [1, 2, 3].slice(stopAfter),
      });
      expect(bits(made!)).toEqual(expected);
      expect(readdirSync(folder)).toEqual(['9-tiny.seed-1.checkpoint']);
      clearCheckpoint(folder, RUN);
    }
  });

  it('does so however often it is stopped, on one thread and on two', async () => {
    await trained(PLAIN, { threads: 2 }, 1);
    await trained(PLAIN, { threads: 1 }, 2);
    const { made, told } = await trained(PLAIN, { threads: 2 });
    expect(told.resumed).toEqual([2]);
    expect(bits(made!)).toEqual(await whole(PLAIN));
  });

  it('does so on plain operations, with averaged weights and Adam', async () => {
    const cpu: Backend = { ...backend, name: 'cpu' };
    const data = { ...DATA, train: { ...DATA.train, count: 48 }, test: { ...DATA.test, count: 20 } };
    const recipe: Recipe = { ...ADAM, epochs: 2, batch: 16, weightAveraging: { decay: 0.9 } };
    const options = { backend: cpu, data };
    const expected = bits(await run({ iteration: iterationOf(recipe), seed: 1, ...options }));
    await trained(recipe, options, 1);
    const { made, told } = await trained(recipe, options);
    expect(told.resumed).toEqual([1]);
    expect(bits(made!)).toEqual(expected);
  });

  it('adds up its seconds over all its parts', async () => {
    await trained(PLAIN, {}, 2);
    const { made } = await trained(PLAIN);
    const epochs = made!.record.epochs.reduce((sum, { seconds }) => sum + seconds, 0);
    expect(made!.record.seconds).toBeGreaterThanOrEqual(epochs);
  });

  it('stays diverged where it had diverged', async () => {
    const recipe: Recipe = { ...PLAIN, schedule: { type: 'constant', learningRate: 1e30 } };
    await trained(recipe, {}, 1);
    const { made, told } = await trained(recipe);
    expect(told).toEqual({ notices: [], resumed: [1], trained: [] });
    expect(made!.record.diverged).toContain('training was stopped after epoch 1');
    expect(bits(made!)).toEqual(await whole(recipe));
  });
});

describe('a checkpoint that is not of this very run', { timeout: 60_000 }, () => {
  const other = {
    ...TINY,
    recipe: PLAIN,
    network: { ...TINY.network, layers: TINY.network.layers.slice(0, -2) },
  };
  it.each<[string, Recipe, Partial<RunOptions>, string]>([
    ['recipe', { ...PLAIN, weightDecay: 0.5 }, {}, 'it is of another recipe'],
    ['data', PLAIN, { data: { ...DATA, sha256: '0'.repeat(64) } }, 'it is of another data'],
    [
      'backend',
      PLAIN,
      { backend: { name: 'wasm', version: '0', reason: '' } as Backend },
      'it is of another backend',
    ],
    [
      'network',
      PLAIN,
      {
        iteration: {
          ...other,
          network: { ...other.network, layers: TINY.network.layers.filter(({ type }) => type !== 'dropout') },
        },
      },
      'it is of another network',
    ],
  ])('is said and not used: another %s', async (_what, recipe, options, words) => {
    await trained(PLAIN, {}, 2);
    const { made, told } = await trained(recipe, options);
    expect(told.resumed).toEqual([]);
    expect(told.notices).toEqual([`${file()} is not used: ${words}. Training starts anew.`]);
    const fresh = {
      iteration: iterationOf(recipe),
      data: DATA,
      seed: 1,
      backend,
      ...options,
    };
    expect(bits(made!)).toEqual(bits(await run(fresh)));
  });

  it('is said and not used where it bears the name of another seed', async () => {
    await trained(PLAIN, { seed: 2 }, 2);
    const bytes = readFileSync(checkpointFile(folder, { ...RUN, seed: 2 }));
    writeFileSync(file(), bytes);
    const { told } = await trained(PLAIN);
    expect(told.notices[0]).toContain('it is of another seed, another first weights');
    expect(told.trained).toEqual([1, 2, 3]);
  });

  it('is said and not used where a byte is another, or it ends early, or is no checkpoint', async () => {
    await trained(PLAIN, {}, 2);
    const bytes = readFileSync(file());
    const places = [0, 30, 100, 200, bytes.length >> 1, bytes.length - 1];
    const altered = places.map((at) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
    const torn = [0, 1, 90, bytes.length >> 1, bytes.length - 1].map((end) => bytes.subarray(0, end));
    for (const each of [...altered, ...torn, Buffer.from('{}')]) {
      writeFileSync(file(), each);
      const { told } = await trained(PLAIN, {}, 1);
      expect(told.notices).toEqual([
        `${file()} is not used: it is torn or was altered. Training starts anew.`,
      ]);
      expect(told.trained).toEqual([1]);
    }
  });

  it('is not looked at where a fresh start is asked for', async () => {
    await trained(PLAIN, {}, 2);
    const { told } = await trained(PLAIN, { checkpoints: { folder, fresh: true } });
    expect(told).toEqual({ notices: [], resumed: [], trained: [1, 2, 3] });
  });
});

describe('a disk that takes no checkpoint', { timeout: 60_000 }, () => {
  it('does not end the training, and is said once', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const { made, told } = await trained(PLAIN, { checkpoints: { folder: path.join(folder, 'file/below') } });
    expect(told.notices).toHaveLength(2);
    expect(told.notices[0]).toContain('it cannot be read (ENOTDIR');
    expect(told.notices[1]).toMatch(/cannot be written.*Training goes on; an interruption would lose/);
    expect(bits(made!)).toEqual(await whole(PLAIN));
  });
});

describe('evidence that is trained', { timeout: 60_000 }, () => {
  const iteration = iterationOf(PLAIN);
  const progress = (stop: boolean, seen: number[]) => ({
    onStep: () => undefined,
    onEpoch({ epoch }: Epoch) {
      seen.push(epoch);
      if (stop && epoch === 2) throw new Killed();
    },
  });

  it('goes on where it was interrupted, and leaves the record and no checkpoint', async () => {
    const runs = path.join(folder, 'runs');
    const options = { data: DATA, backend, folder: runs, checkpoints: path.join(folder, 'kept') };
    const env = process.env['CI'];
    delete process.env['CI'];
    try {
      await expect(
        evidenceOfRecords(iteration, { ...options, progress: progress(true, []) }),
      ).rejects.toThrow(Killed);
      expect(existsSync(runs)).toBe(false);
      const seen: number[] = [];
      await evidenceOfRecords(iteration, { ...options, progress: progress(false, seen) });
      expect(seen).toEqual([3]);
      expect(readdirSync(options.checkpoints)).toEqual([]);
      expect(readdirSync(runs)).toHaveLength(2);
    } finally {
      if (env !== undefined) process.env['CI'] = env;
    }
  });

  it('takes nothing from a checkpoint in CI', async () => {
    const options = {
      data: DATA,
      backend,
      folder: path.join(folder, 'runs'),
      checkpoints: path.join(folder, 'kept'),
    };
    const env = process.env['CI'];
    process.env['CI'] = 'true';
    try {
      await expect(
        evidenceOfRecords(iteration, { ...options, progress: progress(true, []) }),
      ).rejects.toThrow(Killed);
      expect(existsSync(options.checkpoints)).toBe(false);
    } finally {
      if (env === undefined) delete process.env['CI'];
      else process.env['CI'] = env;
    }
  });

  it('leaves a checkpoint beside its record only while there are epochs to do', async () => {
    const checkpoints = { folder };
    await trained(PLAIN, { checkpoints }, 2);
    clearFinished(folder, RUN, EPOCHS);
    expect(existsSync(file())).toBe(true);
    await trained(PLAIN, { checkpoints });
    clearFinished(folder, RUN, EPOCHS);
    expect(existsSync(file())).toBe(false);
    clearFinished(folder, RUN, EPOCHS);
  });

  it('has a folder of checkpoints for each folder of records, outside of it', () => {
    mkdirSync(path.join(folder, 'a'));
    const [a, b] = ['a', 'b'].map((name) => checkpointsOf(path.join(folder, name)));
    expect(a).not.toBe(b);
    expect(path.relative(process.cwd(), a!)).toMatch(/^\.cache.checkpoints.a-[0-9a-f]{8}$/);
  });
});
