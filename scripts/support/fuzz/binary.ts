import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { imagesFile, labelsFile } from '../../../src/data/idx-files.ts';
import { decodeImages, decodeLabels } from '../../../src/data/idx.ts';
import { MNIST_SIDE, type MnistFile } from '../../../src/data/mnist-files.ts';
import { verifyMnistFile } from '../../../src/data/mnist-verify.ts';
import { sha256Of } from '../../../src/data/sha256.ts';
import { GateError } from '../../../src/errors.ts';
import {
  checkpointBytes,
  type CheckpointIdentity,
  parseCheckpoint,
} from '../../../src/training/checkpoint.ts';
import { readWeights, recordFile, sealed, weightsFile } from '../../../src/training/store.ts';
import { epoch, record } from '../../../spec/support/records.ts';
import { FOLDER } from './folder.ts';
import { kindOf } from './kind.ts';
import { nearBytes, oneByteChanged } from './mutations.ts';

const ORIGIN = { file: 'a file', remedy: 'Fetch it again.' };
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

const [COUNT, SIDE] = [3, 4];
const SHAPE = { count: COUNT, height: SIDE, width: SIDE };
const IMAGES = imagesFile({ ...SHAPE, pixels: bytesBelow(256, COUNT * SIDE * SIDE) });
const LABELS = labelsFile({ count: 20, labels: bytesBelow(10, 20) }, 10);

const images = kindOf(
  'IDX images',
  nearBytes(IMAGES),
  (bytes) => decodeImages(bytes, SHAPE, ORIGIN),
  ({ pixels }, bytes) =>
    same(bytes.subarray(0, 16), IMAGES.subarray(0, 16)) &&
    pixels.length === COUNT * SIDE * SIDE &&
    same(pixels, bytes.subarray(16)),
);

const labels = kindOf(
  'IDX labels',
  nearBytes(LABELS),
  (bytes) => decodeLabels(bytes, { count: 20, classes: 10 }, ORIGIN),
  (found, bytes) =>
    same(bytes.subarray(0, 8), LABELS.subarray(0, 8)) &&
    found.length === 20 &&
    found.every((label) => label < 10) &&
    same(found, bytes.subarray(8)),
);

const PLAIN = imagesFile({
  count: 2,
  height: MNIST_SIDE,
  width: MNIST_SIDE,
  pixels: bytesBelow(256, 2 * MNIST_SIDE * MNIST_SIDE),
});
const FILE: MnistFile = { name: 'made-up', type: 'images', count: 2, sha256: sha256Of(PLAIN) };

const gzip = kindOf(
  'gzip files of the data',
  nearBytes(gzipSync(PLAIN)),
  (bytes) => verifyMnistFile(bytes, FILE, ORIGIN),
  // Its header tells a time and a system: what counts is what is in it.
  ({ values }, bytes) => same(gunzipSync(bytes), PLAIN) && same(values, PLAIN.subarray(16)),
);

const WEIGHTS = Uint8Array.from({ length: 64 }, (_, i) => i * 3);
const OF_WEIGHTS = recordOf(WEIGHTS);

const weights = kindOf(
  'weights',
  nearBytes(WEIGHTS),
  (bytes) => {
    writeFileSync(join(FOLDER, OF_WEIGHTS.weights.file), bytes);
    return readWeights(FOLDER, OF_WEIGHTS);
  },
  (found, bytes) => same(found, WEIGHTS) && same(bytes, WEIGHTS),
);

const IDENTITY: CheckpointIdentity = {
  id: '1-a',
  seed: 1,
  network: 'n',
  recipe: 'r',
  firstWeights: 'w',
  data: 'd',
  engine: 'wasm 1',
  backend: 'wasm 4',
};
const CHECKPOINT = {
  epochs: [epoch(1, 98), epoch(2, 99)],
  weightsAfter: ['a', 'b'],
  seconds: 2,
  state: WEIGHTS,
};
const CHECKPOINT_BYTES = checkpointBytes(IDENTITY, CHECKPOINT);

function readCheckpointBytes(bytes: Uint8Array, identity = IDENTITY) {
  const found = parseCheckpoint(bytes, identity);
  if (found === 'none') throw new Error('bytes were taken for no file');
  if ('why' in found) throw new GateError(found.why);
  return found.checkpoint;
}

const checkpoints = kindOf(
  'checkpoints',
  fc.oneof(nearBytes(CHECKPOINT_BYTES), oneByteChanged(CHECKPOINT_BYTES)),
  (bytes) => readCheckpointBytes(bytes),
  (_, bytes) => same(bytes, CHECKPOINT_BYTES),
);

const figure = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0));
const checkpointsWritten = kindOf(
  'checkpoints, written and read',
  fc.record({
    losses: fc.array(figure, { minLength: 1, maxLength: 5 }),
    seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    state: fc.uint8Array({ maxLength: 300 }),
    seed: fc.nat(),
  }),
  ({ losses, seconds, state, seed }) => {
    const identity = { ...IDENTITY, seed };
    return readCheckpointBytes(
      checkpointBytes(identity, { epochs: rowsOf(losses), weightsAfter: losses.map(String), seconds, state }),
      identity,
    );
  },
  (read, { losses, seconds, state }) =>
    read.epochs.every(({ trainLoss }, i) => Object.is(trainLoss, withoutSign(losses[i]!))) &&
    read.epochs.length === losses.length &&
    read.seconds === seconds &&
    same(read.state, state),
);

export const BINARY = [images, labels, gzip, weights, checkpoints, checkpointsWritten];

function rowsOf(losses: readonly number[]) {
  return losses.map((loss, i) => ({ ...epoch(i + 1, 98), trainLoss: loss }));
}

/** JSON has one zero. */
function withoutSign(value: number): number {
  return value === 0 ? 0 : value;
}

function recordOf(bytes: Uint8Array) {
  const { seal: _, ...rest } = record();
  const sha256 = sha256Of(bytes);
  const file = weightsFile(recordFile(rest.id, rest.seed, rest.backend.name), sha256);
  return sealed({ ...rest, weights: { file, bytes: bytes.length, sha256 } });
}

function bytesBelow(limit: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7) % limit);
}
