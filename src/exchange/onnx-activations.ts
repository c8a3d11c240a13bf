import type { ActivationFunction } from '../ops/activation.ts';
import type { OnnxBuilder } from './onnx-builder.ts';

type Written = (graph: OnnxBuilder, input: string) => string;

const one =
  (operator: string, attributes: Parameters<OnnxBuilder['add']>[2] = {}): Written =>
  (graph, input) =>
    graph.add(operator, [input], attributes);

const FUNCTIONS: Readonly<Record<ActivationFunction, Written>> = {
  linear: one('Identity'),
  sigmoid: one('Sigmoid'),
  hardSigmoid: one('HardSigmoid', { alpha: { float: 0.2 }, beta: { float: 0.5 } }),
  tanh: one('Tanh'),
  elu: one('Elu', { alpha: { float: 1 } }),
  selu: one('Selu'),
  softplus: one('Softplus'),
  softsign: one('Softsign'),
  mish: one('Mish'),
  gelu: one('Gelu', { approximate: 'none' }),
  hardSwish: one('HardSwish'),
  swish: (graph, input) => graph.add('Mul', [input, graph.add('Sigmoid', [input])]),
  hardTanh: (graph, input) =>
    graph.add('Clip', [
      input,
      graph.floats('number_-1', [], Float32Array.of(-1)),
      graph.floats('number_1', [], Float32Array.of(1)),
    ]),
  // The logarithm of a sigmoid would be that of 0 far below 0.
  logSigmoid: (graph, input) => graph.add('Neg', [graph.add('Softplus', [graph.add('Neg', [input])])]),
};

/** A function of each value by itself. */
export function activation(writing: {
  readonly graph: OnnxBuilder;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
}): string {
  const { graph, settings, inputs } = writing;
  return FUNCTIONS[settings['function'] as ActivationFunction](graph, inputs[0]!);
}
