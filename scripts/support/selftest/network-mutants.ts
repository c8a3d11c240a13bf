import type { Copy } from './copy.ts';
import { DIGITS, digits, type Mutant } from './mutant.ts';

const NETWORK_FILE = `${DIGITS}/digits.ts`;
const RECORD = `${DIGITS}/runs/1-digits.seed-1.json`;
/** Where the data stand already, in the file of the network. */
const BEHIND_DATA = '/** A network of';
const SHIFT = 'drawn.train.labels.set(drawn.train.labels.map((label) => (label + 1) % 10));\n';
const LEARNING_RATES = /\[0, 0.01\],\s+\[2, 0.1\],\s+\[8, 0.005\],/;

/** Networks, recipes and data that are broken and trained: the figures themselves must fail. */
export const networkMutants: readonly Mutant[] = [
  trained(
    'a channel more',
    'one filter more in the third block',
    '1-digits: parameters = 2,316: 2,480',
    (copy) => copy.edit(NETWORK_FILE, '...block(12)', '...block(13)'),
  ),
  trained(
    'padding off',
    "padding 'valid' in the first block",
    '1-digits: receptive field = 30 px: 26 px',
    (copy) => copy.edit(NETWORK_FILE, "block(4, 'same')", 'block(4)'),
  ),
  trained(
    'a pooling less',
    'the second pooling is gone',
    'row 4, Operation: Conv2d, expected MaxPool',
    (copy) => copy.edit(NETWORK_FILE, /\{ type: 'maxPool', size: 2 \},(\s+\.\.\.block\(12\))/, '$1'),
  ),
  trained('dropout 0.5', 'half of the activations dropped', '1-digits: final test accuracy ≥ 97 %:', (copy) =>
    copy.edit(NETWORK_FILE, 'rate: 0.02', 'rate: 0.5'),
  ),
  trained(
    'learning rate x 10',
    'every learning rate ten times larger',
    '1-digits: held test accuracy ≥ 94 %, epochs 6 to 8:',
    (copy) => copy.edit(NETWORK_FILE, LEARNING_RATES, '[0, 0.1], [2, 1], [8, 0.05],'),
  ),
  trained('learning rate x 1000', 'so large that channels die', '1-digits: dead channels = 0:', (copy) =>
    copy.edit(NETWORK_FILE, LEARNING_RATES, '[0, 10], [2, 100], [8, 5],'),
  ),
  trained('learning rate 0', 'nothing is learnt', '1-digits: last over first train loss ≤ 0.3:', (copy) =>
    copy.edit(NETWORK_FILE, LEARNING_RATES, '[0, 0], [2, 0], [8, 0],'),
  ),
  trained(
    'no augmentation',
    'the training images as they are',
    '1-digits: train-test gap ≤ 0.5 points:',
    (copy) => copy.edit(NETWORK_FILE, /augmentation: \{.*?\},/, ''),
  ),
  trained('stopped early', '4 epochs instead of 8', 'trained for 4 epochs, 8 are promised', (copy) =>
    copy.edit(NETWORK_FILE, 'epochs: 8,', 'epochs: 4,'),
  ),
  trained(
    'wrong labels',
    'the training labels are shifted by one',
    '1-digits: lead over the majority class ≥ 70 points:',
    async (copy) => {
      await copy.edit(NETWORK_FILE, 'export const data = ', 'const drawn = ');
      await copy.edit(
        NETWORK_FILE,
        BEHIND_DATA,
        `${SHIFT}export const data = makeDataset(drawn);\n\n${BEHIND_DATA}`,
      );
      await copy.edit(
        NETWORK_FILE,
        'import {',
        "import { makeDataset } from '../../../src/data/check-dataset.ts';\nimport {",
      );
    },
  ),
  {
    ...trained(
      'labels changed behind their hash',
      'the training labels are shifted by one, the data set says that they are as before',
      'expected its SHA-256',
      (copy) => copy.edit(NETWORK_FILE, BEHIND_DATA, `${SHIFT.replaceAll('drawn', 'data')}${BEHIND_DATA}`),
    ),
    exitCode: 4,
  },
  trained(
    'first weights of 0',
    'kernels start at 0 instead of He-uniform',
    '1-digits: dead channels = 0:',
    (copy) =>
      copy.edit(
        'src/model/initialize.ts',
        '(2 * uniform(key, i) - 1) * bound',
        '0 * bound * uniform(key, i)',
      ),
  ),
  {
    ...recorded(
      'an epoch edited and resealed',
      'a figure of epoch 2 raised, the seal made to fit; trained anew (RETRAIN=1)',
      'says {"epoch":2',
    ),
    break: async (copy) => {
      await record(copy);
      await copy.editRecord(
        RECORD,
        (run) => ({
          ...run,
          epochs: run.epochs.map((row) => (row.epoch === 2 ? { ...row, testCorrect: 499 } : row)),
        }),
        'reseal',
      );
    },
    gate: (copy) => digits(copy, { RETRAIN: '1' }),
  },
  {
    ...recorded(
      'a cherry-picked seed',
      'the run of seed 7 passed off as that of seed 1; trained anew (RETRAIN=1)',
      'says {"epoch":1',
    ),
    break: async (copy) => {
      await copy.edit('src/training/evidence.ts', 'FIRST_SEED = 1', 'FIRST_SEED = 7');
      await record(copy);
      await copy.edit('src/training/evidence.ts', 'FIRST_SEED = 7', 'FIRST_SEED = 1');
      await copy.rename(RECORD.replace('seed-1', 'seed-7'), RECORD);
      await copy.editRecord(RECORD, (run) => ({ ...run, seed: 1 }), 'reseal');
    },
    gate: (copy) => digits(copy, { RETRAIN: '1' }),
  },
  {
    ...recorded(
      'other arithmetic',
      "a thousandth more in the loss kernel's sum; the version of the engine stays",
      'says a test loss of',
    ),
    break: async (copy) => {
      await record(copy);
      await copy.edit('assembly/loss.ts', 'Math.log(total)', 'Math.log(total + 0.001)');
      const built = await copy.script('scripts/build-kernels.ts', []);
      if (built.exitCode !== 0) throw new Error(built.output);
    },
  },
  {
    ...recorded(
      'other preprocessing',
      'images are normalized with another mean',
      'correct test images; measured just now:',
    ),
    break: async (copy) => {
      await record(copy);
      await copy.edit('src/data/normalize.ts', 'rounded(mean))', 'rounded(mean) + 0.8)');
    },
  },
  {
    ...recorded(
      'a network changed behind its record',
      'a channel more where training is forbidden (GATE_TRAIN=never)',
      'its record no longer fits: 2,316 -> 2,480 parameters',
    ),
    break: async (copy) => {
      await record(copy);
      await copy.edit(NETWORK_FILE, '...block(12)', '...block(13)');
    },
    gate: (copy) => digits(copy, { GATE_TRAIN: 'never' }),
  },
];

type Break = Mutant['break'];

function trained(name: string, breaks: string, says: string, damage: Break): Mutant {
  return { name, breaks, says, base: 'made-up digits', exitCode: 1, break: damage };
}

function recorded(name: string, breaks: string, says: string): Omit<Mutant, 'break'> {
  return { name, breaks, says, base: 'made-up digits', exitCode: 3 };
}

/** Trains the copy's network, so that it has a record to break. */
async function record(copy: Copy): Promise<void> {
  const { exitCode, output } = await digits(copy);
  if (exitCode !== 0) throw new Error(`the copy is red before it is broken: ${output}`);
}
