import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Application, applicationsOf, MODEL_INPUT, type Value } from './applications.ts';

/** An output of a use of a layer, and whether it is one of the model's. */
export interface Output {
  readonly application: Application;
  readonly value: tf.Tensor;
  readonly isLast: boolean;
}

/**
 * Runs a model with one input, without training's randomness, and shows every output of every use of a layer, in order:
 * those of layers that are applied twice, and of models inside the model, too. Values are freed when nobody needs them any
 * more: what `visit` wants to keep it must copy. `x` stays the caller's.
 */
export function visitOutputs(model: LayersModel, x: tf.Tensor, visit: (output: Output) => void): void {
  const { list, outputs } = applicationsOf(model);
  const readers = list.flatMap(({ inputs, index }) => inputs.map(({ of }) => ({ of, index })));
  const lastReader = new Map(readers.map(({ of, index }) => [of, index]));
  const values = new Map<number, readonly tf.Tensor[]>([[MODEL_INPUT, [x]]]);
  const masks = new Map<number, tf.Tensor | undefined>();
  try {
    for (const application of list) {
      const { index, inputs } = application;
      const made = tf.tidy(() =>
        applied(
          application,
          inputs.map((value) => read(values, value)),
          inputs.map(({ of }) => masks.get(of)),
        ),
      );
      values.set(index, made.values);
      masks.set(index, made.mask);
      for (const [i, value] of made.values.entries()) {
        visit({ application, value, isLast: outputs.some(({ of, output }) => of === index && output === i) });
      }
      const free = [...values.keys()].filter(
        (of) => of !== MODEL_INPUT && (lastReader.get(of) ?? of) <= index,
      );
      for (const of of free) forget(of, values, masks);
    }
  } finally {
    for (const of of values.keys()) if (of !== MODEL_INPUT) forget(of, values, masks);
  }
}

function read(values: ReadonlyMap<number, readonly tf.Tensor[]>, { of, output }: Value): tf.Tensor {
  return values.get(of)![output]!;
}

function forget(
  of: number,
  values: Map<number, readonly tf.Tensor[]>,
  masks: Map<number, tf.Tensor | undefined>,
): void {
  tf.dispose([...(values.get(of) ?? [])]);
  masks.get(of)?.dispose();
  values.delete(of);
  masks.delete(of);
}

interface Made extends tf.TensorContainerObject {
  readonly values: tf.Tensor[];
  readonly mask: tf.Tensor | undefined;
}

/** Clones: a layer may give back what it was given. */
function applied(
  { layer }: Application,
  inputs: tf.Tensor[],
  masks: readonly (tf.Tensor | undefined)[],
): Made {
  const [first] = masks;
  const input = inputs.length === 1 ? inputs[0]! : inputs;
  const values = [layer.apply(input, first === undefined ? {} : { mask: first })].flat() as tf.Tensor[];
  const mask = layer.supportsMasking ? layer.computeMask(input, first) : undefined;
  return { values: values.map((value) => value.clone()), mask: [mask].flat()[0]?.clone() };
}
