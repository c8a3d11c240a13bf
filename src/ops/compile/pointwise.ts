import type { Emit } from '../../engine/native/emit.ts';
import { floatsOf } from './lanes.ts';

/** Numbers of the functions in `assembly/pointwise.ts`. */
const CODES = {
  relu: 0,
  leakyRelu: 1,
  linear: 2,
  sigmoid: 3,
  hardSigmoid: 4,
  tanh: 5,
  elu: 6,
  selu: 7,
  softplus: 8,
  softsign: 9,
  swish: 10,
  mish: 11,
  gelu: 12,
  hardSwish: 13,
  hardTanh: 14,
  logSigmoid: 15,
} as const;

/** A function of each value by itself. `parameter`: where ReLU is cut off, the slope of a leaky one; others have none. */
export function compilePointwise(emit: Emit, name: keyof typeof CODES, parameter = 0): void {
  const [input] = emit.inputs;
  const { output } = emit;
  const fields = {
    input: input!.at,
    inputStride: input!.stride,
    output: output.at,
    outputStride: output.stride,
    floats: floatsOf(output),
    code: CODES[name],
    parameter,
  };
  emit.forward('pointwise', fields);
  const inputGradient = emit.training ? emit.addableInputGradient(0) : undefined;
  if (inputGradient === undefined) return;
  const gradient = emit.outputGradient();
  // The gradient needs the input alone: naming the output would keep it in memory.
  emit.backward('pointwiseGradient', {
    ...fields,
    output: 0,
    outputStride: 0,
    gradient: gradient.at,
    gradientStride: gradient.stride,
    inputGradient: inputGradient.at,
    inputGradientStride: inputGradient.stride,
    adds: inputGradient.adds,
  });
}
