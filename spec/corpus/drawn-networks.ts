import type { Layer, Network } from '../../src/model/layers.ts';
import { OWN_FUNCTIONS, STOCK_FUNCTIONS } from '../../src/ops/activation.ts';
import { opOf } from '../../src/ops/index.ts';
import type { Shape } from '../../src/ops/op.ts';
import { keyOf, Stream, uniform } from '../../src/random.ts';

/** A network that nobody wrote, and how many images each of its training steps gets. */
export interface Drawn {
  readonly network: Network;
  readonly batch: number;
  /** At most `batch` each. */
  readonly steps: readonly number[];
}

/** Multiply-adds of one forward pass of a batch: what the cpu backend does in a tenth of a second. */
const BUDGET = 1e6;
const BATCHES = [1, 2, 3, 7, 8, 9, 16, 24, 33, 64, 100, 128];

/** Small networks of every layer type in every way, one after the other and in branches; the same for the same seed. */
export function drawNetwork(seed: number): Drawn {
  const draw = drawing(seed);
  const input = [draw.int(5, 13), draw.int(5, 13), draw.pick([1, 1, 2, 3, 3, 4])] as const;
  const grown = growing(input);
  if (draw.chance(0.15)) grown.add({ type: 'flatten' });
  else for (let i = draw.int(1, 4); i > 0; i--) block(draw, grown);
  head(draw, grown);
  const fewest = grown.fewest();
  const affordable = BATCHES.filter((size) => size >= fewest && size * grown.cost() <= BUDGET);
  const batch = affordable.length === 0 ? fewest : draw.pick(affordable);
  const last = draw.chance(0.5) ? draw.int(fewest, batch) : batch;
  return { network: { input, layers: grown.layers }, batch, steps: [batch, batch, last] };
}

interface Drawing {
  /** `from` to `to`, both included. */
  int(from: number, to: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
}

function drawing(seed: number): Drawing {
  const key = keyOf(seed, Stream.weights, 12);
  let counter = 0;
  const next = () => uniform(key, counter++);
  return {
    int: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (share) => next() < share,
    pick: (list) => list[Math.floor(next() * list.length)]!,
  };
}

interface Place {
  readonly name: string;
  readonly shape: Shape;
}

/** A network that layers are put on; what does not fit is left out. */
interface Growing {
  readonly layers: Layer[];
  top: Place;
  /** Multiply-adds of one image. */
  cost(): number;
  /** Fewest images that every batch norm can do something with: of two values it makes 1 and -1, whatever they are. */
  fewest(): number;
  /** False where the layer does not fit what it reads: the top, unless others are named. */
  add(layer: Layer, from?: readonly Place[]): boolean;
}

function growing(input: Shape): Growing {
  let cost = 0;
  let fewest = 1;
  const grown: Growing = {
    layers: [],
    top: { name: 'input', shape: input },
    cost: () => cost,
    fewest: () => fewest,
    add(layer, from = [grown.top]) {
      const op = opOf(layer.type)!;
      const name = `${op.prefix}_${grown.layers.length + 1}`;
      const placed = { ...layer, name, from: from.map((place) => place.name) } as Layer;
      const parsed = op.schema.parse(placed);
      const shapes = from.map(({ shape }) => shape);
      const shape = op.shape(parsed, shapes);
      if (typeof shape === 'string') return false;
      const positions = shape.slice(0, -1).reduce((product, size) => product * size, 1);
      if (layer.type === 'batchNorm' && positions === 1) fewest = 4;
      cost += op.multiplyAdds?.(parsed, shapes) ?? 0;
      grown.layers.push(placed);
      grown.top = { name, shape };
      return true;
    },
  };
  return grown;
}

function block(draw: Drawing, grown: Growing): void {
  const kind = draw.int(0, 9);
  if (kind < 6) {
    if (draw.chance(0.8)) grown.add(convolution(draw, grown.top.shape[2]!));
    else grown.add(separable(draw));
    between(draw, grown);
  } else if (kind < 8) residual(draw, grown);
  else if (kind < 9) branches(draw, grown);
  else between(draw, grown);
}

/** What stands between two convolutions, in any order. */
function between(draw: Drawing, grown: Growing): void {
  // The order in which the native engine joins them.
  if (draw.chance(0.4)) {
    grown.add({ type: 'batchNorm' });
    grown.add({ type: 'relu' });
    if (draw.chance(0.5)) grown.add({ type: 'maxPool', size: 2 });
    if (draw.chance(0.5)) grown.add({ type: 'dropout', rate: draw.pick([0, 0.1, 0.25, 0.5]) });
    return;
  }
  for (let i = draw.int(0, 3); i > 0; i--) {
    const makes = [norm, norm, activation, activation, activation, pool, dropout, edge];
    grown.add(draw.pick(makes)(draw, grown.top.shape));
  }
}

function residual(draw: Drawing, grown: Growing): void {
  const start = grown.top;
  const channels = start.shape[2]!;
  const groups = draw.pick([1, 1, channels]);
  grown.add({
    type: 'convolution',
    filters: channels,
    kernel: 3,
    padding: 1,
    groups,
    bias: draw.chance(0.3),
  });
  if (draw.chance(0.7)) grown.add(norm(draw, grown.top.shape));
  if (draw.chance(0.7)) grown.add(activation(draw));
  const inner = grown.top;
  // One value may be read several times, or by an addition twice.
  const terms = draw.pick([
    [start, inner],
    [inner, start],
    [start, inner, inner],
    [inner, inner],
  ]);
  if (!grown.add({ type: 'add' }, terms)) grown.top = inner;
  if (draw.chance(0.5)) grown.add(activation(draw));
}

function branches(draw: Drawing, grown: Growing): void {
  const start = grown.top;
  const ends: Place[] = [];
  for (let i = draw.int(2, 3); i > 0; i--) {
    grown.top = start;
    grown.add({
      type: 'convolution',
      filters: draw.int(1, 5),
      kernel: draw.pick([1, 3, 5]),
      padding: 'same',
      bias: draw.chance(0.5),
    });
    if (draw.chance(0.5)) grown.add(draw.pick([norm, activation])(draw, grown.top.shape));
    ends.push(grown.top);
  }
  grown.add({ type: 'concatenate' }, draw.chance(0.3) ? [...ends, start] : ends);
}

function head(draw: Drawing, grown: Growing): void {
  const classes = draw.pick([2, 3, 10, 10, 10, 17]);
  const ends = draw.int(0, 4);
  const isMap = () => grown.top.shape.length === 3;
  if (isMap() && ends === 0) {
    // Logits are the means of a map for each class.
    grown.add({ type: 'convolution', filters: classes, kernel: 1, bias: draw.chance(0.5) });
    grown.add(globalPool(draw, grown));
  } else if (isMap() && ends === 1) {
    const [height, width] = grown.top.shape as [number, number];
    grown.add({ type: 'convolution', filters: classes, kernel: [height, width], bias: draw.chance(0.5) });
    grown.add({ type: 'flatten' });
  } else {
    if (isMap() && ends === 2) grown.add(globalPool(draw, grown));
    else if (isMap()) grown.add({ type: 'flatten', order: draw.pick(['channelsLast', 'channelsFirst']) });
    for (let i = draw.int(0, 2); i > 0; i--) hidden(draw, grown);
    grown.add({ type: 'dense', units: classes, bias: draw.chance(0.8) });
  }
  if (draw.chance(0.4)) grown.add({ type: draw.pick(['softmax', 'logSoftmax']) });
}

/** An instance norm makes every map's mean 0: averaged, what is left of it are the roundings, of which no two engines have the same. */
function globalPool(draw: Drawing, { layers }: Growing): Layer {
  const type = draw.pick(['globalAveragePool', 'globalMaxPool'] as const);
  return { type: layers.some((layer) => layer.type === 'instanceNorm') ? 'globalMaxPool' : type };
}

function hidden(draw: Drawing, grown: Growing): void {
  const units = grown.top.shape[0]! < 300 && draw.chance(0.2) ? draw.int(512, 700) : draw.int(2, 40);
  grown.add({ type: 'dense', units, bias: draw.chance(0.7) });
  const layers = [norm(draw, grown.top.shape), activation(draw), dropout(draw, grown.top.shape)].filter(() =>
    draw.chance(0.6),
  );
  for (const layer of layers) grown.add(layer);
}

function convolution(draw: Drawing, channels: number): Layer {
  const groups = draw.pick(divisors(channels));
  const filters = groups * draw.int(1, groups > 1 ? 3 : 9);
  // Most are of the plain kind.
  if (draw.chance(0.4)) {
    const padding = draw.pick(['valid', 'same', 0, 1] as const);
    return {
      type: 'convolution',
      filters,
      kernel: draw.pick([1, 3, 3, 3, 5]),
      padding,
      bias: draw.chance(0.5),
    };
  }
  const pair = (most: number) => [draw.int(1, most), draw.int(1, most)] as const;
  const paddingMode = draw.pick(['zeros', 'zeros', 'zeros', 'replicate', 'reflect'] as const);
  return {
    type: 'convolution',
    filters,
    kernel: pair(4),
    stride: draw.chance(0.5) ? 1 : pair(3),
    dilation: draw.chance(0.6) ? 1 : pair(3),
    padding: windowPadding(draw),
    paddingMode,
    groups,
    bias: draw.chance(0.5),
  };
}

function separable(draw: Drawing): Layer {
  return {
    type: 'separableConvolution',
    filters: draw.int(1, 7),
    kernel: draw.pick([1, 2, 3, [3, 1]] as const),
    padding: draw.pick(['valid', 'same']),
    stride: draw.pick([1, 1, 2]),
    bias: draw.chance(0.5),
  };
}

function windowPadding(draw: Drawing) {
  const side = () => draw.int(0, 2);
  return draw.pick([
    'valid',
    'same',
    side(),
    [side(), side()],
    [
      [side(), side()],
      [side(), side()],
    ],
  ] as const);
}

function norm(draw: Drawing, shape: Shape): Layer {
  const channels = shape.at(-1)!;
  const batchNorm = { type: 'batchNorm', scale: draw.chance(0.7), center: draw.chance(0.7) } as const;
  if (shape.length === 1) return draw.pick([batchNorm, { type: 'layerNorm' }]);
  const affine = draw.chance(0.7);
  return draw.pick<Layer>([
    batchNorm,
    batchNorm,
    { type: 'groupNorm', groups: draw.pick(divisors(channels)), affine },
    { type: 'layerNorm', over: draw.pick(['channels', 'image']) },
    { type: 'instanceNorm' },
  ]);
}

function activation(draw: Drawing): Layer {
  const named = draw.pick([...STOCK_FUNCTIONS, ...OWN_FUNCTIONS]);
  return draw.pick<Layer>([
    { type: 'relu' },
    { type: 'relu', max: 6 },
    { type: 'leakyRelu', slope: 0.1 },
    { type: 'prelu', slopes: draw.pick(['one', 'channel', 'element']) },
    { type: 'activation', function: named },
    { type: 'activation', function: named },
  ]);
}

function pool(draw: Drawing): Layer {
  const size = draw.pick([2, 2, 3, [1, 2], [3, 2]] as const);
  const stride = draw.pick([undefined, 1, 2, [2, 1]] as const);
  const padding = draw.pick(['valid', 'same', 0, 1] as const);
  return { type: draw.pick(['maxPool', 'averagePool']), size, padding, ...(stride && { stride }) };
}

function dropout(draw: Drawing, shape: Shape): Layer {
  const rate = draw.pick([0, 0.1, 0.3, 0.5]);
  return { type: shape.length === 3 ? draw.pick(['dropout', 'spatialDropout']) : 'dropout', rate };
}

function edge(draw: Drawing): Layer {
  const mode = draw.pick(['zeros', 'replicate', 'reflect'] as const);
  return { type: 'padding', padding: [draw.int(0, 2), draw.int(0, 2)], mode };
}

function divisors(number: number): number[] {
  return Array.from({ length: number }, (_, i) => i + 1).filter((each) => number % each === 0);
}
