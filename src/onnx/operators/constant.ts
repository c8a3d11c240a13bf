import type { OnnxTensor } from '../tensor.ts';
import type { Operator, Use, Value } from '../value.ts';
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

/** One number as often as the sizes say. */
export const filled: Operator = (use) => {
  const sizes = sizesOf(use.input(0)) ?? [null];
  const dims = sizes.filter((size) => size !== null && size >= 0) as number[];
  const count = dims.reduce((product, size) => product * size, 1);
  if (dims.length < sizes.length) return 'fills sizes that are not known';
  if (count > MOST_VALUES) return 'fills too much';
  const given = use.node.attributes.get('value');
  const { isFloat, values = [0] } = typeof given === 'object' && 'dims' in given ? given : { isFloat: true };
  const all = Array.from({ length: count }, () => values[0] ?? 0);
  return constantOf(use.node.outputs[0]!, dims, isFloat, all);
};

/** Lists one after the other; undefined where they are none that are known, a string where they are too long. */
export function joined(use: Use): Value | string | undefined {
  const lists = use.node.inputs.map((_, i) => wholeNumbers(use, i, 1));
  if (!lists.every((list) => list !== undefined)) return undefined;
  const count = lists.reduce((all, list) => all + list.values.length, 0);
  if (count > MOST_VALUES) return 'joins too much';
  const values = lists.flatMap((list) => list.values);
  return constantOf(use.node.outputs[0]!, [values.length], false, values);
}

/** A table with its last row first, as PyTorch's older exporter turns a padding around; undefined where it is none. */
export function reversed(use: Use): Value | undefined {
  const table = wholeNumbers(use, 0, 2);
  const [start, end, axis, step] = [1, 2, 3, 4].map((i) => use.tensor(i)?.values?.[0]);
  if (table === undefined || start !== -1 || axis !== 0 || step !== -1) return undefined;
  const [rows, columns] = table.dims as readonly [number, number];
  if (end === undefined || end >= -rows) return undefined;
  const values = table.values.map((_, i) => {
    return table.values[(rows - 1 - Math.floor(i / columns)) * columns + (i % columns)]!;
  });
  return constantOf(use.node.outputs[0]!, table.dims, false, values);
}

/** A table with rows as columns; undefined where it is none. */
export function turned(use: Use): Value | undefined {
  const table = wholeNumbers(use, 0, 2);
  if (table === undefined) return undefined;
  const [rows, columns] = table.dims as readonly [number, number];
  const values = table.values.map((_, i) => table.values[(i % rows) * columns + Math.floor(i / rows)]!);
  return constantOf(use.node.outputs[0]!, [columns, rows], false, values);
}

function wholeNumbers(use: Use, index: number, rank: number) {
  const tensor = use.tensor(index);
  if (tensor?.values === undefined || tensor.isFloat || tensor.dims.length !== rank) return undefined;
  return { dims: tensor.dims, values: [...tensor.values] };
}

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
