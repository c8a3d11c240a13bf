import type { OnnxTensor } from '../tensor.ts';
import type { Operator, Value } from '../value.ts';
import { sizesOf } from './shape.ts';

/** Operators on constants, which an exporter leaves in the file when it is asked to fold nothing. */

/** Numbers of this many are far more than any size or bias. */
const MOST_VALUES = 2 ** 20;

export const castLike: Operator = (use) => {
  const tensor = use.tensor(0);
  if (tensor?.values === undefined) return use.data(0) ?? 'is given no constant';
  const isFloat = tensor.isFloat || use.data(1) !== undefined || use.tensor(1)?.isFloat === true;
  const values = isFloat ? Float32Array.from(tensor.values) : [...tensor.values];
  return { kind: 'tensor', tensor: { ...tensor, isFloat, values } };
};

/** Of a number, or of what has the size already. */
export const expand: Operator = (use) => {
  const input = use.input(0);
  if (input?.kind === 'sizes') return input;
  if (input?.kind !== 'tensor' || input.tensor.values === undefined)
    return 'stretches what depends on the image';
  const { tensor } = input;
  const dims = sizesOf(use.input(1));
  const known = dims?.every((size) => size !== null && size >= 0) ? (dims as number[]) : undefined;
  if (known === undefined || known.join() === tensor.dims.join()) return input;
  const count = known.reduce((product, size) => product * size, 1);
  if (tensor.values!.length !== 1 || count > MOST_VALUES) return 'stretches more than one number';
  const [value] = tensor.values!;
  return constantOf(
    use.node.outputs[0]!,
    known,
    tensor.isFloat,
    Array.from({ length: count }, () => value!),
  );
};

export const subtract: Operator = (use) => {
  const [a, b] = [use.tensor(0)?.values, use.tensor(1)?.values];
  if (a?.length !== 1 || b?.length !== 1) return 'subtracts what depends on the image';
  const { dims, isFloat } = use.tensor(0)!;
  return constantOf(use.node.outputs[0]!, dims, isFloat, [a[0]! - b[0]!]);
};

export const range: Operator = (use) => {
  const [start, limit, step] = [0, 1, 2].map((i) => use.tensor(i)?.values?.[0]);
  if (start === undefined || limit === undefined || !step) return 'counts between numbers that are not known';
  const count = Math.max(0, Math.ceil((limit - start) / step));
  if (count > MOST_VALUES) return 'counts too far';
  const values = Array.from({ length: count }, (_, i) => start + i * step);
  return constantOf(use.node.outputs[0]!, [count], false, values);
};

function constantOf(
  name: string,
  dims: readonly number[],
  isFloat: boolean,
  values: readonly number[],
): Value {
  const tensor: OnnxTensor = {
    name,
    dims,
    isFloat,
    isComputed: true,
    values: isFloat ? Float32Array.from(values) : values,
  };
  return { kind: 'tensor', tensor };
}
