import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import { readOnnxFile } from '../../src/onnx/file.ts';
import { factsOfOnnx } from '../../src/onnx/facts.ts';
import { foldedLayers } from '../../src/onnx/folded.ts';
import { mapToLast } from '../../src/onnx/layout.ts';
import { networkOfOnnx } from '../../src/onnx/network.ts';
import { modelWith } from '../../src/onnx/ours.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { openSession } from '../../src/onnx/session.ts';
import { exportsIn } from '../support/onnx-exported.ts';

const TOLERANCE = 1e-4;
/** The first session compiles ONNX Runtime. */
const TIMEOUT = 120_000;

beforeAll(() => selectBackend({ force: 'cpu' }));

describe.each(exportsIn())('$id as $exporter exports it', ({ file, ...told }) => {
  const read = readOnnx(readOnnxFile(file));
  const folded = foldedLayers(read);
  const facts = factsOfOnnx(read, folded);
  const network = networkOfOnnx(read);

  it('has the parameters that its author counted, or says where a batch norm is folded', () => {
    const isFolded = told.exporter !== 'dynamo' && / BN!?/.test(followingConvolutions(told.layers));
    expect(folded.length > 0).toBe(isFolded);
    if (isFolded)
      expect(facts.parameters).toMatchObject({ known: false, reason: expect.stringContaining(folded[0]!) });
    else expect(facts.parameters).toEqual({ known: true, value: told.parameters });
  });

  it('has the receptive fields that were worked out for it', () => {
    expect(facts.receptiveField).toMatchObject({ known: true, value: { height: told.field } });
    expect(facts.receptiveFieldBeforeHead).toMatchObject({
      known: true,
      value: { height: told.fieldBeforeHead },
    });
  });

  it('answers in ONNX Runtime and as plain data what PyTorch answers', { timeout: TIMEOUT }, async () => {
    const { input, layout } = read;
    const session = await openSession(readOnnxFile(file), { images: { size: input, layout } });
    const { output } = await session.run(Float32Array.from(told.images), 2);
    await session.release();
    expect(furthest(output, told.answers)).toBeLessThan(TOLERANCE);
    if ('reason' in network) throw new Error(network.reason);
    expect(furthest(answersOfOurs(network, told.images), told.answers)).toBeLessThan(TOLERANCE);
  });
});

/** The tokens of which a batch norm comes right after a convolution: those that exporters fold. */
function followingConvolutions(layers: string): string {
  return [...layers.matchAll(/\bC\d\S*( BN!?)(?= |$)/g)].map(([, norm]) => norm).join('');
}

function answersOfOurs(network: Parameters<typeof modelWith>[0], images: readonly number[]): Float32Array {
  const [height, width, channels] = network.network.input;
  const size = height * width * channels;
  const model = modelWith(network, 'exported');
  try {
    return tf.tidy(() => {
      const turned = [0, 1].flatMap((i) => [
        ...mapToLast(Float32Array.from(images.slice(i * size, (i + 1) * size)), [channels, height, width]),
      ]);
      const x = tf.tensor4d(turned, [2, height, width, channels]);
      return (model.predictOnBatch(x) as tf.Tensor).dataSync() as Float32Array;
    });
  } finally {
    model.dispose();
  }
}

/** Of two lists, relative to the largest value where that is above 1. */
function furthest(found: ArrayLike<number>, expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  const scale = Math.max(1, ...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - found[i]!))) / scale;
}
