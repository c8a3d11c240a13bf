import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { known } from '../../../src/fact.ts';
import type { RunRecord } from '../../../src/record.ts';
import { weightsFile } from '../../../src/training/store.ts';
import { type Copy, mnistFolder, sha256 } from './copy.ts';
import { type Mutant, network, NETWORK_RECORD } from './mutant.ts';

const NO_RECORD_FITS = 'its record no longer fits:';
const MNIST_COPY = 'mnist';
const TEST_IMAGES = 't10k-images-idx3-ubyte';
/** Height, width, count and kind come first in an IDX file of images. */
const IDX_HEADER = 16;

/** The real record of one of the six, its weights, its data, and what they follow from. */
export const evidenceMutants: readonly Mutant[] = [
  refused(
    'a channel more in one of the six',
    'the record is of another network',
    `${NO_RECORD_FITS} 7,826 -> `,
    (copy) => copy.edit('src/iterations/2-lighter.ts', '...block(15)', '...block(16)'),
  ),
  {
    ...refused(
      'padding off in iteration 6',
      "the first block 'valid' instead of 'same'",
      `${NO_RECORD_FITS} receptive field 32 -> 30`,
      (copy) => copy.edit('src/iterations/6-receptive-field.ts', /block\((\d+), 'same'\)/, 'block($1)'),
    ),
    gate: (copy) => network(copy, {}, '6-receptive-field'),
  },
  {
    ...refused(
      'dropout 0.5 in one of the six',
      'the record is of another rate',
      `${NO_RECORD_FITS} a layer's settings`,
      (copy) => copy.edit('src/iterations/3-dropout.ts', /rate: [\d.]+/, 'rate: 0.5'),
    ),
    gate: (copy) => network(copy, {}, '3-dropout'),
  },
  refused(
    'learning rate x 10 in one of the six',
    'the record is of another schedule',
    `${NO_RECORD_FITS} schedule {`,
    (copy) => copy.edit('src/iterations/5-lr-scheduler.ts', /\[1, ([\d.]+)\]/, '[1, 10 * $1]'),
  ),
  refused(
    'no augmentation in one of the six',
    'the record is of augmented images',
    `${NO_RECORD_FITS} augmentation {`,
    (copy) => copy.edit('src/iterations/4-augmentation.ts', /augmentation: \{.*\}( \})/, '$1'),
  ),
  refused(
    'another engine',
    "the engine's version is raised, the records stay",
    `${NO_RECORD_FITS} engine wasm `,
    (copy) =>
      copy.edit('src/engine/native/engine.ts', /NATIVE_VERSION = '(.*)'/, "NATIVE_VERSION = '$1-other'"),
  ),
  refused('no record', 'the record is deleted', 'it has no record yet', (copy) =>
    copy.remove(NETWORK_RECORD),
  ),
  refused(
    "another network's record",
    "iteration 1's in the place of 5's",
    'it says that it is 1-skeleton, seed 1 on wasm',
    async (copy) => {
      const other = await copy.read(NETWORK_RECORD.replace('5-lr-scheduler', '1-skeleton'));
      await copy.write(NETWORK_RECORD, other);
    },
  ),
  refused('a record edited', 'the figures of one epoch raised', 'its seal does not fit its figures', (copy) =>
    copy.editRecord(NETWORK_RECORD, withMoreImagesRight),
  ),
  refused(
    'a record edited and resealed',
    'as before, and the seal made to fit',
    'correct test images; measured just now:',
    (copy) => copy.editRecord(NETWORK_RECORD, withMoreImagesRight, 'reseal'),
  ),
  refused(
    'a receptive field edited and resealed',
    'the record says 64 pixels',
    'other parameters, multiply-adds or receptive field',
    (copy) =>
      copy.editRecord(
        NETWORK_RECORD,
        (run) => ({ ...run, model: { ...run.model, receptiveField: known({ height: 64, width: 64 }) } }),
        'reseal',
      ),
  ),
  refused(
    'weights edited',
    'one byte of the weights file',
    'these are not the weights of the record',
    async (copy) => copy.write(await weightsOf(copy), await damagedWeights(copy)),
  ),
  refused(
    'weights edited and resealed',
    'as before, hash and seal made to fit',
    'measured just now:',
    async (copy) => {
      const bytes = await damagedWeights(copy);
      const file = weightsFile(NETWORK_RECORD.replace('runs/', ''), sha256(bytes));
      await copy.write(`runs/${file}`, bytes);
      const weights = (run: RunRecord) => ({ ...run.weights, file, sha256: sha256(bytes) });
      await copy.editRecord(NETWORK_RECORD, (run) => ({ ...run, weights: weights(run) }), 'reseal');
    },
  ),
  {
    ...refused(
      'wrong data',
      'one byte of the test images',
      `${TEST_IMAGES} of MNIST: expected SHA-256`,
      copyMnistWithoutOneByte,
    ),
    exitCode: 4,
    gate: (copy) => network(copy, { MNIST_DIR: join(copy.folder, MNIST_COPY) }),
  },
  {
    ...refused('no data', 'no MNIST at hand in CI', 'error: recorded, not re-measured', () =>
      Promise.resolve(),
    ),
    exitCode: 4,
    gate: (copy) => network(copy, { MNIST_DIR: '', MNIST_CACHE: join(copy.folder, 'nothing') }),
  },
];

function refused(name: string, breaks: string, says: string, damage: Mutant['break']): Mutant {
  return { name, breaks, says, base: '5-lr-scheduler', exitCode: 3, break: damage };
}

/** Ten more test images right after the last epoch. */
function withMoreImagesRight(run: RunRecord): RunRecord {
  const last = run.epochs.at(-1)!;
  return { ...run, epochs: [...run.epochs.slice(0, -1), { ...last, testCorrect: last.testCorrect + 10 }] };
}

async function weightsOf(copy: Copy): Promise<string> {
  const { weights } = JSON.parse(await copy.read(NETWORK_RECORD)) as RunRecord;
  return `runs/${weights.file}`;
}

/** The highest byte of the first weight: its sign and most of its exponent. */
async function damagedWeights(copy: Copy): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(join(copy.folder, await weightsOf(copy))));
  bytes[3] = bytes[3]! ^ 0x80;
  return bytes;
}

async function copyMnistWithoutOneByte(copy: Copy): Promise<void> {
  const folder = mnistFolder();
  await cp(folder, join(copy.folder, MNIST_COPY), { recursive: true });
  const files = await readdir(folder);
  const stored = files.find((file) => file === TEST_IMAGES) ?? `${TEST_IMAGES}.gz`;
  const content = await readFile(join(folder, stored));
  const bytes = new Uint8Array(stored.endsWith('.gz') ? gunzipSync(content) : content);
  bytes[IDX_HEADER + 300] = bytes[IDX_HEADER + 300]! ^ 0xff;
  await copy.write(`${MNIST_COPY}/${TEST_IMAGES}`, bytes);
}
