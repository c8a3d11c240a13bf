import { transposed } from '../layout.ts';
import type { OnnxNode } from '../file.ts';
import { type Data, floatsOf, heldOf, NO_WEIGHTS, type Operator, type Use } from '../value.ts';
import type { OnnxTensor } from '../tensor.ts';

export const gemm: Operator = (use) => {
  const input = use.data(0);
  if (input?.shape?.length !== 1) return 'does not read a vector';
  if (use.number('alpha', 1) !== 1 || use.number('beta', 1) !== 1 || use.number('transA', 0) !== 0) {
    return 'scales or transposes what it reads';
  }
  const weight = use.tensor(1);
  const summand = use.tensor(2);
  if (use.input(2) !== undefined && floatsOf(summand) === undefined) return NO_WEIGHTS;
  return denseOf(use, input, weight, summand, use.number('transB', 0) === 1);
};

/** By a matrix of weights, and the summand that follows it. */
export const matMul: Operator = (use) => {
  const input = use.data(0);
  const weight = use.tensor(1);
  if (input?.shape === undefined || weight === undefined)
    return 'multiplies two values that both depend on the image';
  const reads = input.shape.length === 1 || (input.shape.length === 3 && input.layout === 'last');
  if (!reads) return 'does not read vectors of channels';
  const next = use.reader(use.node.outputs[0]!);
  const summand = next?.operator === 'Add' ? constantOf(use, next) : undefined;
  const isBias = summand?.dims.length === 1 && summand.dims[0] === weight.dims[1];
  if (isBias) use.absorb(next!);
  return denseOf(use, input, weight, isBias ? summand : undefined, false);
};

function denseOf(
  use: Use,
  input: Data,
  weight: OnnxTensor | undefined,
  summand: OnnxTensor | undefined,
  isTransposed: boolean,
): Data | string {
  const [kernel, bias] = [floatsOf(weight), floatsOf(summand)];
  if (weight === undefined || kernel === undefined || weight.dims.length !== 2) return NO_WEIGHTS;
  const [inputs, units] = isTransposed ? weight.dims.toReversed() : weight.dims;
  if (inputs !== input.shape!.at(-1)) {
    return `has weights for ${inputs} values, its input has ${input.shape!.at(-1)}`;
  }
  if (bias && bias.length !== units) return `adds ${bias.length} values to ${units}`;
  return use.emit({
    type: 'dense',
    settings: { units, bias: bias !== undefined },
    from: [input],
    weights: [isTransposed ? transposed(kernel, weight.dims, [1, 0]) : kernel, ...(bias ? [bias] : [])],
    held: [heldOf(weight), ...(bias ? [heldOf(summand!)] : [])],
  });
}

/** The constant of an operator of two inputs, one of which depends on the image. */
export function constantOf(use: Use, { inputs }: OnnxNode): OnnxTensor | undefined {
  const found = inputs.map((name) => use.value(name)).find((value) => value?.kind === 'tensor');
  return found?.kind === 'tensor' ? found.tensor : undefined;
}
