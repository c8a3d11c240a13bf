import type { OnnxTensor } from '../tensor.ts';
import type { Data, Layout, Operator, Use, Value } from '../value.ts';

export const identity: Operator = (use) => {
  const value = use.input(0);
  if (value?.kind !== 'tensor') return value ?? 'reads nothing';
  // An exporter writes equal weights of two layers once: under their own name they are two.
  return { kind: 'tensor', tensor: { ...value.tensor, name: use.node.outputs[0]! } };
};

export const constant: Operator = (use) => {
  const value = use.node.attributes.get('value');
  if (typeof value === 'object' && 'dims' in value) return { kind: 'tensor', tensor: value };
  const [name, found] = [...use.node.attributes].find(([key]) => /^value_(ints?|floats?)$/.test(key)) ?? [];
  if (name === undefined || typeof found === 'string') return 'holds something else than numbers';
  const values = [found as number | readonly number[]].flat();
  const isFloat = name.includes('float');
  const tensor: OnnxTensor = {
    name: use.node.outputs[0]!,
    dims: name.endsWith('s') ? [values.length] : [],
    isFloat,
    values: isFloat ? Float32Array.from(values) : values,
  };
  return { kind: 'tensor', tensor };
};

export const flatten: Operator = (use) => {
  const input = use.data(0);
  if (input?.shape === undefined) return 'reads a value of unknown size';
  const rank = input.shape.length + 1;
  return (use.number('axis', 1) + rank) % rank === 1 ? flat(use, input) : 'keeps more than the batch apart';
};

export const squeeze: Operator = (use) => {
  const input = use.input(0);
  if (input?.kind === 'sizes') return input;
  if (input?.kind === 'tensor')
    return reshapedTensor(use, input.tensor, (dims) => dims.filter((size) => size !== 1));
  if (input?.shape === undefined) return 'reads a value of unknown size';
  if (input.shape.length === 1) return input;
  return input.shape[0] === 1 && input.shape[1] === 1 ? flat(use, input) : 'takes away some sizes of a map';
};

/** To a vector, to groups of channels, or between layouts where there is one channel. */
export const reshape: Operator = (use) => {
  const input = use.input(0);
  if (input?.kind === 'tensor') {
    return reshapedTensor(use, input.tensor, () => (sizesOf(use.input(1)) ?? []).map((size) => size ?? 1));
  }
  if (input?.kind === 'sizes') return input;
  const sizes = sizesOf(use.input(1)) ?? use.ints('shape');
  if (input?.kind !== 'data' || input.shape === undefined) return 'reads a value of unknown size';
  if (sizes === undefined) return 'is given sizes that are computed';
  const elements = input.shape.reduce((product, size) => product * size, 1);
  if (sizes.length === 2 && [elements, -1, null].includes(sizes[1]!)) return flat(use, input);
  const rest = sizes.slice(1);
  if (sizes.length === 3 && input.shape.length === 3 && rest[0] !== null && rest[0]! > 0) {
    return input.layout === 'first' ? { ...input, groups: rest[0]! } : 'groups channels that come last';
  }
  if (sizes.length !== 4 || input.shape.length !== 3)
    return `makes ${sizes.map((size) => size ?? 'batch').join(' x ')} of it`;
  for (const layout of ['first', 'last'] as const) {
    const wanted = filesSizes(input, layout);
    const isAsItWas = layout === input.layout || input.shape[2] === 1;
    if (isAsItWas && rest.every((size, i) => size === wanted[i] || size === -1 || size === null)) {
      return { ...input, layout };
    }
  }
  return `makes ${sizes.map((size) => size ?? 'batch').join(' x ')} of it`;
};

/** From one layout of maps to the other: nothing of it is left in plain data. */
export const transpose: Operator = (use) => {
  const input = use.data(0);
  const order = use.ints('perm');
  if (input?.shape?.length !== 3) return 'does not read a map';
  const turned: Readonly<Record<string, readonly [Layout, Layout]>> = {
    '0,3,1,2': ['last', 'first'],
    '0,2,3,1': ['first', 'last'],
  };
  const [from, to] = turned[order?.join() ?? ''] ?? [];
  return from === input.layout
    ? { ...input, layout: to! }
    : `puts the axes into the order ${order?.join(', ') ?? 'last to first'}`;
};

/** Padding of height and width. */
export const pad: Operator = (use) => {
  const input = use.data(0);
  const pads = use.ints('pads', 1);
  if (input?.shape?.length !== 3 || pads?.length !== 8) return 'does not pad a map by known numbers';
  const [rows, columns] = input.layout === 'first' ? [2, 3] : [1, 2];
  const others = [0, 1, 2, 3].filter((axis) => axis !== rows && axis !== columns);
  if (others.some((axis) => pads[axis] !== 0 || pads[axis + 4] !== 0))
    return 'pads the batch or the channels';
  const mode = { constant: 'zeros', edge: 'replicate', reflect: 'reflect' }[use.text('mode', 'constant')];
  const filler = use.tensor(2)?.values?.[0] ?? use.number('value', 0);
  if (mode === undefined || (mode === 'zeros' && filler !== 0))
    return `fills with ${mode === undefined ? use.text('mode', '') : filler}`;
  const along = (axis: number) => [pads[axis]!, pads[axis + 4]!] as const;
  if ([...along(rows!), ...along(columns!)].some((side) => side < 0)) return 'cuts off';
  const settings = { padding: [along(rows!), along(columns!)], mode };
  return use.emit({ type: 'padding', settings, from: [input] });
};

export const shapeOf: Operator = (use) => {
  const held = use.tensor(0);
  const input = use.data(0);
  if (held !== undefined) return { kind: 'sizes', sizes: held.dims };
  if (input?.shape === undefined) return 'reads a value of unknown size';
  const sizes = [null, ...filesSizes(input, input.layout)];
  const [start, end] = [use.number('start', 0), use.number('end', sizes.length)];
  return { kind: 'sizes', sizes: sizes.slice(start, end) };
};

export const gather: Operator = (use) => {
  const sizes = sizesOf(use.input(0));
  const at = use.tensor(1)?.values;
  if (sizes === undefined || at === undefined) return 'picks out of something else than sizes';
  return { kind: 'sizes', sizes: Array.from(at, (index) => sizes.at(index) ?? null) };
};

export const slice: Operator = (use) => {
  const sizes = sizesOf(use.input(0));
  const [start, end] = [use.ints('starts', 1)?.[0], use.ints('ends', 2)?.[0]];
  if (sizes === undefined || start === undefined || (use.ints('steps', 4)?.[0] ?? 1) !== 1) {
    return 'cuts out of something else than sizes';
  }
  return { kind: 'sizes', sizes: sizes.slice(start, end) };
};

/** Of sizes: they are numbers already. */
export const passSizes: Operator = (use) => {
  const value = use.input(0);
  if (value?.kind === 'sizes') return value;
  if (value?.kind === 'tensor') return reshapedTensor(use, value.tensor, unsqueezed(use));
  return 'changes the rank of a map';
};

/** Of one value: a file that doubles a list over and over is refused. */
const MOST_SIZES = 64;

/** Undefined where it joins no sizes, a string where they are too many. */
export const joinSizes = (use: Use): Value | string | undefined => {
  const parts = use.node.inputs.map((_, i) => sizesOf(use.input(i)));
  if (!parts.every((part) => part !== undefined)) return undefined;
  const count = parts.reduce((all, part) => all + part.length, 0);
  return count > MOST_SIZES ? 'joins too much' : { kind: 'sizes', sizes: parts.flat() };
};

export function sizesOf(value: Value | undefined): readonly (number | null)[] | undefined {
  if (value?.kind === 'sizes') return value.sizes;
  if (value?.kind !== 'tensor' || value.tensor.isFloat || value.tensor.values === undefined) return undefined;
  return [...value.tensor.values];
}

/** Constants have no layout: their numbers stay in their order. */
function reshapedTensor(
  use: Use,
  tensor: OnnxTensor,
  to: (dims: readonly number[]) => readonly number[],
): Value {
  const count = tensor.dims.reduce((product, size) => product * size, 1);
  const wanted = to(tensor.dims);
  const known = wanted.filter((size) => size > 0).reduce((product, size) => product * size, 1);
  const dims = wanted.map((size) => (size === -1 ? count / known : size));
  return { kind: 'tensor', tensor: { ...tensor, dims, name: tensor.name || use.node.outputs[0]! } };
}

function filesSizes(input: Data, layout: Layout): readonly number[] {
  const shape = input.shape!;
  if (shape.length !== 3) return shape;
  const [height, width, channels] = shape as readonly [number, number, number];
  return layout === 'first' ? [channels, height, width] : [height, width, channels];
}

/** The order in which a map becomes a vector matters where it has more than one position and more than one channel. */
function flat(use: Use, input: Data): Data | string {
  if (input.shape!.length === 1) return input;
  const [height, width, channels] = input.shape as readonly [number, number, number];
  const matters = height * width > 1 && channels > 1 && input.layout === 'first';
  return use.emit({ type: 'flatten', settings: matters ? { order: 'channelsFirst' } : {}, from: [input] });
}

function unsqueezed(use: Use): (dims: readonly number[]) => readonly number[] {
  return (dims) => {
    const axes = [...(use.ints('axes', 1) ?? [])];
    const rank = dims.length + axes.length;
    const rest = [...dims];
    const isNew = new Set(axes.map((axis) => (axis + rank) % rank));
    return Array.from({ length: rank }, (_, axis) => (isNew.has(axis) ? 1 : rest.shift()!));
  };
}
