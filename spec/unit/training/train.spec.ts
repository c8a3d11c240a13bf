import { describe, expect, it } from 'vitest';
import { epochOrder } from '../../../src/data/batches.ts';
import type { Dataset, ImageSet } from '../../../src/data/dataset.ts';
import type { Epoch } from '../../../src/record.ts';
import type { Engine, StepRequest } from '../../../src/engine/engine.ts';
import type { Recipe } from '../../../src/recipe/recipe.ts';
import { splitOf } from '../../../src/data/split.ts';
import { train } from '../../../src/training/train.ts';

const SEED = 11;
/** 10 images in batches of 4: two whole ones and one of 2. */
const IMAGES = 10;
const STEPS = 3;
const RECIPE: Recipe = {
  epochs: 2,
  batch: 4,
  schedule: {
    type: 'linear',
    points: [
      [0, 0.6],
      [2, 0],
    ],
  },
  momentum: 0,
  weightDecay: 0,
};
const DATA: Dataset = {
  name: 'nothing',
  classes: 10,
  train: images(IMAGES),
  test: images(5),
  sha256: '0'.repeat(64),
  source: 'generated',
};

describe('the training loop', () => {
  it('takes all images of an epoch in its order, the last batch being what is left', async () => {
    const { requests } = await fakeRun();
    expect(requests.map((each) => each.images.length)).toEqual([4, 4, 2, 4, 4, 2]);
    for (const epoch of [0, 1]) {
      const seen = requests.filter((each) => each.epoch === epoch).flatMap((each) => [...each.images]);
      expect(seen).toEqual([...epochOrder(SEED, epoch, IMAGES)]);
    }
  });

  it('counts steps over the whole run and epochs from 0', async () => {
    const { requests } = await fakeRun();
    expect(requests.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(requests.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('sets the learning rate for every step, by the epochs done', async () => {
    const { requests } = await fakeRun();
    requests.forEach(({ learningRate }, step) =>
      expect(learningRate).toBeCloseTo(0.6 - 0.3 * (step / STEPS), 12),
    );
  });

  it('waits for the engine, then trains, and evaluates all test images after every epoch', async () => {
    const { calls, evaluated } = await fakeRun();
    const epoch = ['step', 'progress', 'step', 'progress', 'step', 'progress', 'evaluate', 'epoch'];
    expect(calls).toEqual(['ready', ...epoch, ...epoch]);
    expect(evaluated).toEqual([DATA.test, DATA.test]);
  });

  it('reports progress step by step and epoch by epoch', async () => {
    const { steps, rows, trained } = await fakeRun();
    expect(steps).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
    expect(rows).toEqual(trained.epochs);
  });

  it('adds up losses and correct images of an epoch, and divides losses by the images', async () => {
    const { trained } = await fakeRun();
    // The fake engine: every image has a loss of 0.5, one image of a step is correct; of the tests 3 of 5, loss 0.25 each.
    expect(trained.epochs).toMatchObject([
      {
        epoch: 1,
        trainCorrect: 3,
        trainTotal: 10,
        trainLoss: 0.5,
        testCorrect: 3,
        testTotal: 5,
        testLoss: 0.25,
      },
      {
        epoch: 2,
        trainCorrect: 3,
        trainTotal: 10,
        trainLoss: 0.5,
        testCorrect: 3,
        testTotal: 5,
        testLoss: 0.25,
      },
    ]);
    expect(trained.epochs.every(({ seconds }) => seconds >= 0)).toBe(true);
  });

  it("records the learning rate of an epoch's last step", async () => {
    const { trained, requests } = await fakeRun();
    expect(trained.epochs.map(({ learningRate }) => learningRate)).toEqual(
      [2, 5].map((i) => requests[i]!.learningRate),
    );
  });

  it('hands over the predictions of the last evaluation', async () => {
    const { trained } = await fakeRun();
    expect([...trained.final.predictions]).toEqual([2, 2, 2, 2, 2]);
  });

  it('follows the warm-up of the recipe', async () => {
    const { requests } = await fakeRun({ ...RECIPE, warmUp: { epochs: 1, from: 0.5 } });
    // 0.6 x (1 - step / 6), half of it at first and all of it after three steps.
    [0.3, 0.5 * (2 / 3), 0.4 * (5 / 6), 0.3].forEach((rate, step) =>
      expect(requests[step]!.learningRate).toBeCloseTo(rate, 12),
    );
  });

  it('sets images apart for validation, measures them before the test images, and lowers the rate by their loss', async () => {
    const schedule = { type: 'plateau', initial: 1, factor: 0.5, patience: 0 } as const;
    const recipe: Recipe = { ...RECIPE, epochs: 4, schedule, validation: { images: 3 } };
    const { requests, evaluated, trained, calls } = await fakeRun(recipe);
    expect(evaluated.slice(0, 2).map(({ count }) => count)).toEqual([3, 5]);
    expect(calls.slice(0, 8)).toEqual([
      'ready',
      'step',
      'progress',
      'step',
      'progress',
      'evaluate',
      'evaluate',
      'epoch',
    ]);
    const seen = [0, 1].map((epoch) =>
      requests
        .filter((each) => each.epoch === epoch)
        .flatMap((each) => [...each.images])
        .toSorted((a, b) => a - b),
    );
    expect(seen[0]).toHaveLength(7);
    expect(seen[1]).toEqual(seen[0]);
    const apart = [...evaluated[0]!.labels].toSorted((a, b) => a - b);
    expect([...seen[0]!, ...apart].toSorted((a, b) => a - b)).toEqual([...DATA.train.labels]);
    // The fake engine's validation loss is always 0.25.
    expect(trained.epochs.map(({ learningRate }) => learningRate)).toEqual([1, 1, 0.5, 0.25]);
    expect(trained.epochs[0]).toMatchObject({
      trainTotal: 7,
      validationTotal: 3,
      validationCorrect: 3,
      validationLoss: 0.25,
    });
  });

  it('has other images apart for another seed, and refuses to set all apart', () => {
    const apart = (seed: number) => [...splitOf(DATA.train, 5, seed).validation!.labels];
    expect(apart(1)).toEqual(apart(1));
    expect(apart(1)).not.toEqual(apart(2));
    expect(() => splitOf(DATA.train, IMAGES, 1)).toThrow(
      'sets 10 images apart for validation, but there are 10 training images',
    );
  });

  it('ends with the epoch whose loss is no number, and says where and at which rate', async () => {
    const losses = [1, 1, 1, 1, NaN, 1];
    const trained = await diverging(losses, 4);
    expect(trained.epochs).toHaveLength(2);
    expect(trained.epochs[1]!.trainLoss).toBeNaN();
    expect(trained.final.predictions).toHaveLength(5);
    expect(trained.diverged).toBe(
      'training was stopped after epoch 2: its loss is NaN at a learning rate of 0.1, the last finite one was 1.000 in the epoch before. Lower the learning rate, or clip the gradients',
    );
  });

  it('ends with the first epoch where that diverges at once, and does not where nothing does', async () => {
    expect((await diverging([Infinity, 1, 1], 3)).diverged).toContain(
      'after epoch 1: its loss is Infinity at a learning rate of 0.1, in the first epoch',
    );
    expect((await diverging([1, 1, 1, 1, 1, 1], 2)).diverged).toBeUndefined();
  });

  it('lets a failing engine stop it', async () => {
    const step = () => {
      throw new Error('out of memory');
    };
    const { engine } = fake();
    await expect(
      train({ engine: { ...engine, step }, recipe: RECIPE, data: DATA, seed: SEED }),
    ).rejects.toThrow('out of memory');
  });
});

async function fakeRun(recipe: Recipe = RECIPE) {
  const { engine, calls, requests, evaluated } = fake();
  const steps: (readonly number[])[] = [];
  const rows: Epoch[] = [];
  const progress = {
    onStep(done: number, total: number) {
      calls.push('progress');
      steps.push([done, total]);
    },
    onEpoch(row: Epoch) {
      calls.push('epoch');
      rows.push(row);
    },
  };
  const trained = await train({ engine, recipe, data: DATA, seed: SEED, progress });
  return { calls, requests, evaluated, steps, rows, trained };
}

/** A run whose steps have these losses an image. */
async function diverging(losses: readonly number[], epochs: number) {
  const { engine } = fake();
  let at = 0;
  const step: Engine['step'] = ({ images }) => ({ loss: losses[at++]! * images.length, correct: 1 });
  const recipe: Recipe = { ...RECIPE, epochs, schedule: { type: 'constant', learningRate: 0.1 } };
  return train({ engine: { ...engine, step }, recipe, data: DATA, seed: SEED });
}

/** An engine that computes nothing and remembers what it was asked. */
function fake() {
  const calls: string[] = [];
  const requests: StepRequest[] = [];
  const evaluated: ImageSet[] = [];
  const engine: Engine = {
    name: 'tfjs',
    version: '0',
    threads: 1,
    ready: Promise.resolve().then(() => void calls.push('ready')),
    step(request) {
      calls.push('step');
      // The loop may use its memory again.
      requests.push({ ...request, images: request.images.slice() });
      return { loss: 0.5 * request.images.length, correct: 1 };
    },
    evaluate(set) {
      calls.push('evaluate');
      evaluated.push(set);
      return {
        loss: 0.25 * set.count,
        correct: 3,
        predictions: new Uint16Array(set.count).fill(evaluated.length),
      };
    },
    writeWeights: () => undefined,
    saveState: () => new Uint8Array(),
    loadState: () => undefined,
    dispose: () => undefined,
  };
  return { engine, calls, requests, evaluated };
}

function images(count: number): ImageSet {
  // Labels say which image it is.
  const labels = Uint8Array.from({ length: count }, (_, i) => i);
  return { count, height: 1, width: 1, pixels: new Uint8Array(count), labels };
}
