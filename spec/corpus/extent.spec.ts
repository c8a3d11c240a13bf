import '../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build.ts';
import { type Graph, graphOf } from '../../src/model/graph.ts';
import { corpusOf } from './corpus.ts';
import { ONE_OF, sampleOf } from './sample.ts';
import { linearTwin } from './twin.ts';
import { networkOfTokens } from './tokens.ts';

beforeAll(() => tf.setBackend('cpu'));

// A gradient is cheaper than a training: of a pull request's twelfth, all.
const measured = await sampleOf(corpusOf(), ONE_OF / 12);

describe('the extent of the non-zero gradient of one output by the image', () => {
  it.each(measured)('is the receptive field of $id', (entry) => {
    const graph = graphOf(networkOfTokens(entry));
    // Enough that the image is wider than the field on both sides of its middle.
    expect(extentOf(graph, Math.ceil(entry.field / 2) + 16)).toBe(entry.field);
  });
});

/** Rows, first to last, that the middle output of the linear twin depends on. */
function extentOf(graph: Graph, margin: number): number {
  const twin = linearTwin(graph, margin);
  const [height, width, channels] = graphOf(twin).nodes.at(-1)!.shape as [number, number, number];
  const model = buildModel({ ...twin, layers: [...twin.layers, { type: 'flatten' }] });
  const rows = tf.tidy(() => {
    for (const layer of model.layers) setOnes(layer, graph);
    const middle = (Math.floor(height / 2) * width + Math.floor(width / 2)) * channels;
    const chosen = tf.oneHot(tf.tensor1d([middle], 'int32'), height * width * channels);
    const gradient = tf.grad((x: tf.Tensor) => tf.mul(model.apply(x) as tf.Tensor, chosen))(
      tf.ones([1, ...twin.input]),
    );
    return tf.any(tf.notEqual(gradient, 0), [0, 2, 3]).dataSync();
  });
  model.dispose();
  const flags = [...rows];
  return flags.lastIndexOf(1) - flags.indexOf(1) + 1;
}

/** Ones where the layer of the same name has weights, zeros between them where it is dilated. */
function setOnes(layer: tfl.layers.Layer, graph: Graph): void {
  const [kernel] = layer.getWeights();
  if (kernel === undefined) return;
  const node = graph.nodes.find(({ name }) => name === layer.name)!;
  const [rows, columns] = (node.layer as unknown as { dilation?: [number, number] }).dilation ?? [1, 1];
  const [height, width, channels, filters] = kernel.shape as [number, number, number, number];
  const ones = tf.buffer(kernel.shape as [number, number, number, number]);
  for (let u = 0; u < height; u += rows) {
    for (let v = 0; v < width; v += columns) {
      for (let c = 0; c < channels; c++) for (let f = 0; f < filters; f++) ones.set(1, u, v, c, f);
    }
  }
  layer.setWeights([ones.toTensor()]);
}
