import { z } from 'zod';
import type { Emit } from '../engine/native/emit.ts';
import { compilePad, compilePadGradient } from './compile/border.ts';
import { compileBackward, compileForward, type Convolved } from './compile/convolve.ts';
import { compileSquare, squareOf } from './compile/square.ts';
import { mapBlock } from './compile/lanes.ts';
import {
  defineOp,
  type FoundLayer,
  layerSchema,
  type Shape,
  type StockLayer,
  type StockTools,
} from './op.ts';
import {
  describe,
  isSame,
  isValid,
  mapAfter,
  padding,
  paddingMode,
  pair,
  pairOf,
  positive,
  sidesOfWindows,
  type Windows,
  windowsOf,
} from './window.ts';

const schema = layerSchema('convolution', {
  filters: positive,
  kernel: pair,
  padding: padding.default('valid'),
  /** What the padding is filled with. */
  paddingMode: paddingMode.default('zeros'),
  stride: pair.default([1, 1]),
  dilation: pair.default([1, 1]),
  /** Filters and channels fall into this many groups, each by itself; as many as channels: depthwise. */
  groups: positive.default(1),
  bias: z.boolean().default(false),
});
type Convolution = z.output<typeof schema>;

/** Cross-correlation, as all deep learning has it. Kernel [height, width, channels / groups, filters]; depthwise [height, width, channels, filters / channels]. */
export const convolution = defineOp({
  type: 'convolution',
  prefix: 'conv',
  schema,
  shape(layer, [input]) {
    const size = mapAfter(windowsOf(layer, input!), input!);
    if (typeof size === 'string') return size;
    const channels = input![2]!;
    if (channels % layer.groups !== 0 || layer.filters % layer.groups !== 0) {
      return `has ${layer.groups} groups, which divide neither or only one of its ${channels} channels and ${layer.filters} filters. Use a divisor of both.`;
    }
    return mirrorProblem(layer, input!) ?? [...size, layer.filters];
  },
  weights: (layer, [input]) => [
    { name: 'kernel', shape: kernelShape(layer, input!), trainable: true, first: 'heUniform' },
    ...(layer.bias ? [{ name: 'bias', shape: [layer.filters], trainable: true, first: 0 }] : []),
  ],
  multiplyAdds(layer, [input]) {
    const [height, width] = mapAfter(windowsOf(layer, input!), input!) as readonly [number, number];
    return height * width * kernelShape(layer, input!).reduce((product, size) => product * size, 1);
  },
  reach: (layer, [input]) => ({
    kind: 'window',
    operation: isDepthwise(layer, input!) ? 'DepthwiseConv2d' : 'Conv2d',
    ...windowsOf(layer, input!),
  }),
  stock(layer, tools) {
    const windows = windowsOf(layer, tools.inputs[0]!);
    const before = paddingBefore(layer, windows, tools);
    const args = {
      name: tools.name,
      kernelSize: [...layer.kernel] as [number, number],
      strides: [...layer.stride] as [number, number],
      dilationRate: [...layer.dilation] as [number, number],
      padding:
        before.length === 0 && layer.padding !== 'valid' && !isUnpadded(layer, windows) ? 'same' : 'valid',
      useBias: layer.bias,
    } as const;
    return [...before, convolutionOf(layer, args, tools)];
  },
  read({ className, config, inputs }) {
    const filters = filtersOf(className, config, inputs);
    if (filters === undefined) return undefined;
    if (config['dataFormat'] === 'channelsFirst')
      return 'puts channels first. Build the model with channels last.';
    return {
      ...filters,
      kernel: pairOf(config['kernelSize'], [1, 1]),
      stride: pairOf(config['strides'], [1, 1]),
      // The depthwise layer of tfjs has the setting and leaves it out.
      dilation: className === 'DepthwiseConv2D' ? [1, 1] : pairOf(config['dilationRate'], [1, 1]),
      padding: config['padding'] as 'valid' | 'same',
      bias: config['useBias'] === true,
    };
  },
  compile(layer, emit) {
    const input = emit.inputs[0]!;
    const windows = windowsOf(layer, input.shape);
    const convolved = {
      input,
      output: emit.output,
      kernel: emit.weight('kernel'),
      bias: layer.bias ? emit.weight('bias') : undefined,
      windows,
      groups: layer.groups,
    };
    if (layer.paddingMode !== 'zeros' && !isValid(windows)) return compilePadded(layer, emit, convolved);
    const isFrozen = emit.training && convolved.kernel.gradient === undefined;
    const square = isFrozen ? undefined : squareOf(convolved);
    if (square !== undefined) return compileSquare(emit, convolved, square);
    compileForward(emit, convolved);
    if (emit.training) compileBackward(emit, convolved, emit.outputGradient(), emit.addableInputGradient(0));
  },
});

/** Padding by other values than zeros is a map of its own. */
function compilePadded({ paddingMode }: Convolution, emit: Emit, convolved: Convolved): void {
  const { input, windows } = convolved;
  const sides = sidesOfWindows(windows);
  const [rows, columns] = sides;
  const shape = [
    input.shape[0]! + rows[0] + rows[1],
    input.shape[1]! + columns[0] + columns[1],
    input.shape[2]!,
  ];
  const padded = mapBlock(emit, shape);
  const unpadded = {
    height: { ...windows.height, padding: [0, 0] as const },
    width: { ...windows.width, padding: [0, 0] as const },
  };
  const within = { ...convolved, input: padded, windows: unpadded };
  compilePad(emit, input, padded, sides, paddingMode);
  compileForward(emit, within);
  if (!emit.training) return;
  const inputGradient = emit.addableInputGradient(0);
  const gradient = inputGradient && mapBlock(emit, shape);
  compileBackward(emit, within, emit.outputGradient(), gradient);
  if (inputGradient && gradient) compilePadGradient(emit, gradient, inputGradient, sides, paddingMode);
}

export function isDepthwise({ groups }: Pick<Convolution, 'groups'>, input: Shape): boolean {
  return groups > 1 && groups === input[2];
}

function kernelShape(layer: Convolution, input: Shape): Shape {
  const channels = input[2]!;
  return isDepthwise(layer, input)
    ? [...layer.kernel, channels, layer.filters / channels]
    : [...layer.kernel, channels / layer.groups, layer.filters];
}

/** A mirror shows no more than there is beside the border. */
function mirrorProblem(layer: Convolution, input: Shape): string | undefined {
  if (layer.paddingMode !== 'reflect') return undefined;
  const [rows, columns] = sidesOfWindows(windowsOf(layer, input));
  if (Math.max(...rows) < input[0]! && Math.max(...columns) < input[1]!) return undefined;
  return `mirrors more than its input of ${describe(input)} has. Use less padding.`;
}

function isUnpadded(layer: Convolution, windows: Windows): boolean {
  return layer.padding !== 'same' && isValid(windows);
}

/** Stock convolutions know 'valid' and 'same' alone: any other padding is a layer before them. */
function paddingBefore(layer: Convolution, windows: Windows, tools: StockTools): readonly StockLayer[] {
  if (isValid(windows)) return [];
  const name = `${tools.name}_padding`;
  const sides = sidesOfWindows(windows);
  if (layer.paddingMode !== 'zeros') return [tools.custom.padding({ name, sides, fill: layer.paddingMode })];
  if (layer.padding === 'same' || isSame(windows, tools.inputs[0]!)) return [];
  return [
    tools.layers.zeroPadding2d({
      name,
      padding: sides.map((side) => [...side]) as [[number, number], [number, number]],
    }),
  ];
}

interface StockArgs {
  readonly name: string;
  readonly kernelSize: [number, number];
  readonly strides: [number, number];
  readonly dilationRate: [number, number];
  readonly padding: 'valid' | 'same';
  readonly useBias: boolean;
}

/** Kernels are zeros at first, which cost nothing to make: they are overwritten by `initialWeights`. */
function convolutionOf(
  layer: Convolution,
  args: StockArgs,
  { layers, custom, inputs }: StockTools,
): StockLayer {
  const { filters, groups } = layer;
  const isDepth = isDepthwise(layer, inputs[0]!);
  const isDilated = Math.max(...layer.dilation) > 1;
  const isStrided = Math.max(...layer.stride) > 1;
  // What tfjs refuses to compute, or computes without the dilation.
  if ((groups > 1 && !isDepth) || (isDilated && (isDepth || isStrided))) {
    return custom.groupedConvolution({ ...args, filters, groups });
  }
  if (groups === 1) return layers.conv2d({ ...args, filters, kernelInitializer: 'zeros' });
  const depthMultiplier = filters / groups;
  return layers.depthwiseConv2d({ ...args, depthMultiplier, depthwiseInitializer: 'zeros' });
}

function filtersOf(
  className: string,
  config: FoundLayer['config'],
  inputs: FoundLayer['inputs'],
): { readonly filters: number; readonly groups: number } | undefined {
  if (className === 'Conv2D') return { filters: Number(config['filters']), groups: 1 };
  if (className === 'GroupedConvolution2D') {
    return { filters: Number(config['filters']), groups: Number(config['groups']) };
  }
  if (className !== 'DepthwiseConv2D') return undefined;
  const channels = inputs[0]?.[2] ?? 0;
  return { filters: channels * Number(config['depthMultiplier']), groups: channels };
}
