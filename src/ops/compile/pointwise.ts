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
  const code = { floats: floatsOf(output), code: CODES[name], parameter };
  const to = { output: output.at, outputStride: output.stride };
  emit.forward('pointwise', { ...code, input: input!.at, inputStride: input!.stride, ...to });
  const inputGradient = emit.training ? emit.addableInputGradient(0) : undefined;
  if (inputGradient === undefined) return;
  const gradient = emit.outputGradient();
  // What is not named here need not be kept in memory.
  const by = isTold(name, parameter) ? output : input!;
  emit.backward('pointwiseGradient', {
    ...code,
    input: by.at,
    inputStride: by.stride,
    output: 0,
    outputStride: 0,
    gradient: gradient.at,
    gradientStride: gradient.stride,
    inputGradient: inputGradient.at,
    inputGradientStride: inputGradient.stride,
    adds: inputGradient.adds,
  });
}

/** Whether the output is as good as the input for the slope: it is positive where the input is. The next layer mostly keeps it anyway. */
function isTold(name: keyof typeof CODES, parameter: number): boolean {
  return (name === 'relu' && parameter === Infinity) || (name === 'leakyRelu' && parameter >= 0);
}
