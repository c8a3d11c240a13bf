import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { applyFused } from '../../backend/tensorflow/layers.ts';
import { GateError } from '../../errors.ts';
import { type Application, applicationsOf, MODEL_INPUT } from '../../model/applications.ts';
import type { OutputKind } from '../../record.ts';
import { isSpatial } from '../../ops/dropout.ts';
import type { StockLayer } from '../../ops/op.ts';
import { dropoutBits, dropoutKey, dropoutThreshold } from '../draws.ts';
import { dilatedConvolution, isDilated } from './dilation.ts';

/** Which step of which run draws the dropout masks. */
export interface Draws {
  readonly seed: number;
  readonly step: number;
}

/** Logits [batch, classes] of images; with `draws` as in training: batch statistics and the dropout masks of that step. */
export type Forward = (x: tf.Tensor, draws?: Draws) => tf.Tensor2D;

/**
 * Applies a model's layers one after the other: branches, layers that are used several times and models inside it included.
 * Every use of a dropout layer has masks of its own, by its number among them. A softmax at the end is left out: its input are
 * the logits. Throws GateError for a model that is not from images to one value a class.
 */
export function forwardOf(model: LayersModel): Forward {
  const { list, outputs } = applicationsOf(model);
  const [output] = outputs;
  if (
    model.inputs.length !== 1 ||
    outputs.length !== 1 ||
    output === undefined ||
    output.of === MODEL_INPUT
  ) {
    throw new GateError(
      `"${model.name}" has ${model.inputs.length} inputs and ${outputs.length} outputs; a network from images to one value a class is trained.`,
    );
  }
  const head = softmaxOf(list, output.of);
  const dropouts = list.filter(isDropout);
  return (x, draws) => {
    const values: tf.Tensor[][] = [];
    for (const application of list) {
      const inputs = application.inputs.map(({ of, output }) =>
        of === MODEL_INPUT ? x : values[of]![output]!,
      );
      values.push(apply(application, inputs, application === head, dropouts.indexOf(application), draws));
    }
    return values[output.of]![output.output] as tf.Tensor2D;
  };
}

/** Why the plain way cannot train the model as it is meant; undefined: it can. One line. */
export function trainingProblem(model: LayersModel): string | undefined {
  for (const { layer, name } of applicationsOf(model).list) {
    const className = layer.getClassName();
    if (/^(Gaussian|Alpha)/.test(className)) {
      return `layer ${name}: ${className} draws random numbers of tfjs, which no seed governs. Leave it out, or use a dropout layer`;
    }
    const config = layer.getConfig();
    if (className === 'SeparableConv2D' && isDilated(config)) {
      return `layer ${name}: tfjs has no gradient of a separable convolution with dilation. Write it as a depthwise and a 1x1 convolution`;
    }
    const regularizer = Object.keys(config).find((key) => key.endsWith('Regularizer') && config[key]);
    if (regularizer !== undefined) {
      return `layer ${name}: its ${regularizer} would not be part of the loss. Use the recipe's weightDecay`;
    }
  }
  return undefined;
}

/** What the values of the model's output mean: where its softmax is left out for training, they are probabilities. */
export function outputKindOfModel(model: LayersModel): OutputKind {
  const { list, outputs } = applicationsOf(model);
  const last = outputs[0]?.of ?? MODEL_INPUT;
  return last !== MODEL_INPUT && softmaxOf(list, last) !== undefined ? 'probabilities' : 'logits';
}

/** The softmax that a model ends in, but for a flatten or reshape after it. */
function softmaxOf(list: readonly Application[], last: number): Application | undefined {
  let application = list[last]!;
  while (
    /(?:Flatten|Reshape)$/.test(application.layer.getClassName()) &&
    application.inputs[0]!.of !== MODEL_INPUT
  ) {
    application = list[application.inputs[0]!.of]!;
  }
  const { layer, outputShapes } = application;
  const overAll = outputShapes[0]!.slice(0, -1).every((size) => size === 1);
  const isSoftmax = layer.getClassName() === 'Softmax' || layer.getConfig()['activation'] === 'softmax';
  return isSoftmax && overAll ? application : undefined;
}

function isDropout({ layer }: Application): boolean {
  return /^(Spatial)?Dropout/.test(layer.getClassName());
}

function apply(
  { layer }: Application,
  inputs: tf.Tensor[],
  isHead: boolean,
  dropout: number,
  draws: Draws | undefined,
): tf.Tensor[] {
  const training = draws !== undefined;
  if (dropout >= 0)
    return [training ? dropped(layer, inputs[0]!, dropoutKey(draws.seed, dropout, draws.step)) : inputs[0]!];
  if (isHead) return [withoutSoftmax(layer, inputs[0]!, training)];
  const dilated = dilatedConvolution(layer, inputs[0]!, training);
  if (dilated !== undefined) return [dilated];
  const fused =
    training && tf.getBackend() === 'tensorflow' && inputs.length === 1
      ? applyFused(layer, inputs[0]!)
      : undefined;
  return [
    fused ?? layer.apply(inputs.length === 1 ? inputs[0]! : inputs, { training }),
  ].flat() as tf.Tensor[];
}

function withoutSoftmax(layer: StockLayer, x: tf.Tensor, training: boolean): tf.Tensor {
  if (layer.getClassName() === 'Softmax' || layer.getClassName() === 'Activation') return x;
  const held: unknown = Reflect.get(layer, 'activation');
  Reflect.set(layer, 'activation', { apply: (logits: tf.Tensor) => logits, getClassName: () => 'linear' });
  try {
    return layer.apply(x, { training }) as tf.Tensor;
  } finally {
    Reflect.set(layer, 'activation', held);
  }
}

/** Each element of a mask is 0 where dropped, 1 / (1 - rate) where kept: the masks of `assembly/activation.ts`. */
function dropped(layer: StockLayer, x: tf.Tensor, key: number): tf.Tensor {
  const { rate, noiseShape } = layer.getConfig();
  const isByChannel = isSpatial(noiseShape) || layer.getClassName().startsWith('Spatial');
  const shape = isByChannel ? [x.shape[0]!, ...x.shape.slice(1, -1).map(() => 1), x.shape.at(-1)!] : x.shape;
  const threshold = dropoutThreshold(Number(rate));
  const mask = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const kept = 1 / (1 - Number(rate));
  const imageSize = mask.length / shape[0]!;
  for (let i = 0; i < mask.length; i++) if (dropoutBits(key, i, imageSize) >= threshold) mask[i] = kept;
  return tf.mul(x, tf.tensor(mask, shape));
}
