import { kernelFromOurs, mapToFirst, transposed } from '../onnx/layout.ts';
import type { Node } from '../model/graph.ts';
import { isDepthwise } from '../ops/convolution.ts';
import type { AxisWindow, PaddingMode, Shape, Sides } from '../ops/op.ts';
import { sidesOf } from '../ops/window.ts';
import { activation } from './onnx-activations.ts';
import type { OnnxBuilder } from './onnx-builder.ts';

/** A layer on its way into a graph of ONNX. */
export interface Writing {
  readonly graph: OnnxBuilder;
  readonly node: Node;
  /** Settings with their defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Names of what it reads, maps [N, C, H, W]. */
  readonly inputs: readonly string[];
  /** In the order and layout of the op's weights. */
  readonly weights: readonly Float32Array[];
}

/** Adds a layer's operators; the name of what comes out. */
type Writer = (writing: Writing) => string;

/** How each layer type is said in ONNX (https://onnx.ai/onnx/operators/), in evaluation mode. */
export const WRITERS: Readonly<Record<string, Writer>> = {
  convolution(writing) {
    const { graph, node, settings, weights } = writing;
    const { height, width } = windowOf(node);
    const input = node.inputShapes[0]!;
    const mode = settings['paddingMode'] as PaddingMode;
    const sides: Sides = [height.padding, width.padding];
    const isZeros = mode === 'zeros';
    const read = isZeros ? writing.inputs[0]! : padded(graph, writing.inputs[0]!, sides, mode);
    return convolved(writing, read, {
      name: node.name,
      kernel: kernelFromOurs(weights[0]!, node.weights[0]!.shape, isDepthwise(layerOf(node), input)),
      filters: settings['filters'] as number,
      groups: settings['groups'] as number,
      height: isZeros ? height : unpadded(height),
      width: isZeros ? width : unpadded(width),
      bias: weights[1],
    });
  },
  separableConvolution(writing) {
    const { node, settings, weights, inputs } = writing;
    const { height, width } = windowOf(node);
    const channels = node.inputShapes[0]![2]!;
    const [depth, point, bias] = weights;
    const between = convolved(writing, inputs[0]!, {
      name: `${node.name}.depthwise`,
      kernel: kernelFromOurs(depth!, node.weights[0]!.shape, true),
      filters: channels,
      groups: channels,
      height,
      width,
    });
    return convolved(writing, between, {
      name: `${node.name}.pointwise`,
      kernel: kernelFromOurs(point!, node.weights[1]!.shape, false),
      filters: settings['filters'] as number,
      groups: 1,
      height: POSITION,
      width: POSITION,
      bias,
    });
  },
  dense(writing) {
    const { graph, node, settings, weights, inputs } = writing;
    const [inputsCount, units] = [node.inputShapes[0]!.at(-1)!, settings['units'] as number];
    const kernel = transposed(weights[0]!, [inputsCount, units], [1, 0]);
    if (node.shape.length === 3) {
      const settingsOf = { name: node.name, kernel, filters: units, groups: 1, bias: weights[1] };
      return convolved(writing, inputs[0]!, { ...settingsOf, height: POSITION, width: POSITION });
    }
    const held = [graph.floats(`${node.name}.weight`, [units, inputsCount], kernel)];
    if (weights[1]) held.push(graph.floats(`${node.name}.bias`, [units], weights[1]));
    return graph.add('Gemm', [inputs[0]!, ...held], { transB: 1 });
  },
  batchNorm({ graph, node, settings, inputs, weights }) {
    const channels = node.shape.at(-1)!;
    const held = new Map(node.weights.map(({ name }, i) => [name, weights[i]!]));
    const names = [
      held.has('gamma')
        ? graph.floats(`${node.name}.weight`, [channels], held.get('gamma')!)
        : constant(graph, 1, channels),
      held.has('beta')
        ? graph.floats(`${node.name}.bias`, [channels], held.get('beta')!)
        : constant(graph, 0, channels),
      graph.floats(`${node.name}.running_mean`, [channels], held.get('movingMean')!),
      graph.floats(`${node.name}.running_var`, [channels], held.get('movingVariance')!),
    ];
    const { epsilon, momentum } = settings as { readonly epsilon: number; readonly momentum: number };
    const attributes = { epsilon: { float: epsilon }, momentum: { float: momentum } };
    return graph.add('BatchNormalization', [inputs[0]!, ...names], attributes);
  },
  groupNorm: (writing) => grouped(writing, writing.settings['groups'] as number),
  instanceNorm: (writing) => grouped(writing, writing.node.shape[2]!),
  layerNorm({ graph, node, settings, inputs, weights }) {
    const { shape, name } = node;
    const isMap = shape.length === 3;
    const isImage = settings['over'] === 'image';
    const turns = isMap && !isImage;
    const size = isImage && isMap ? [shape[2]!, shape[0]!, shape[1]!] : [shape.at(-1)!];
    const turned = (values: Float32Array) => (isImage && isMap ? mapToFirst(values, shape) : values);
    const held =
      weights.length === 0
        ? [constant(graph, 1, ...size)]
        : [
            graph.floats(`${name}.weight`, size, turned(weights[0]!)),
            graph.floats(`${name}.bias`, size, turned(weights[1]!)),
          ];
    const read = turns ? graph.add('Transpose', [inputs[0]!], { perm: [0, 2, 3, 1] }) : inputs[0]!;
    const attributes = { axis: isImage ? 1 : -1, epsilon: { float: settings['epsilon'] as number } };
    const normal = graph.add('LayerNormalization', [read, ...held], attributes);
    return turns ? graph.add('Transpose', [normal], { perm: [0, 3, 1, 2] }) : normal;
  },
  relu({ graph, settings, inputs }) {
    const max = settings['max'] as number | undefined;
    if (max === undefined || max === null) return graph.add('Relu', inputs);
    return graph.add('Clip', [...inputs, scalar(graph, 0), scalar(graph, max)]);
  },
  leakyRelu: ({ graph, settings, inputs }) =>
    graph.add('LeakyRelu', inputs, { alpha: { float: settings['slope'] as number } }),
  prelu({ graph, node, settings, inputs, weights }) {
    const [height, width, channels] = node.shape as readonly [number, number, number];
    const isMap = node.shape.length === 3;
    const isElement = settings['slopes'] === 'element' && isMap;
    const slopes = isElement ? mapToFirst(weights[0]!, node.shape) : weights[0]!;
    const element = isElement ? [channels, height, width] : [slopes.length, ...(isMap ? [1, 1] : [])];
    const dims = settings['slopes'] === 'one' ? [1] : element;
    return graph.add('PRelu', [inputs[0]!, graph.floats(`${node.name}.weight`, dims, slopes)]);
  },
  activation,
  maxPool: ({ graph, node, inputs }) => graph.add('MaxPool', inputs, pooling(node)),
  averagePool: ({ graph, node, settings, inputs }) =>
    graph.add('AveragePool', inputs, {
      ...pooling(node),
      count_include_pad: settings['padding'] === 'same' ? 0 : 1,
    }),
  globalAveragePool: ({ graph, inputs }) =>
    graph.add('Flatten', [graph.add('GlobalAveragePool', inputs)], { axis: 1 }),
  globalMaxPool: ({ graph, inputs }) =>
    graph.add('Flatten', [graph.add('GlobalMaxPool', inputs)], { axis: 1 }),
  dropout: ({ inputs }) => inputs[0]!,
  spatialDropout: ({ inputs }) => inputs[0]!,
  flatten({ graph, node, settings, inputs }) {
    const [height, width, channels] = node.inputShapes[0] as readonly [number, number, number];
    const isTurned = settings['order'] === 'channelsLast' && height * width > 1 && channels > 1;
    const read = isTurned ? graph.add('Transpose', inputs, { perm: [0, 2, 3, 1] }) : inputs[0]!;
    return graph.add('Flatten', [read], { axis: 1 });
  },
  padding: ({ graph, settings, inputs }) =>
    padded(
      graph,
      inputs[0]!,
      sidesOf(settings['padding'] as Parameters<typeof sidesOf>[0]),
      settings['mode'] as PaddingMode,
    ),
  add: ({ graph, inputs }) => graph.add('Sum', inputs),
  concatenate: ({ graph, inputs }) => graph.add('Concat', inputs, { axis: 1 }),
  softmax: ({ graph, inputs }) => graph.add('Softmax', inputs, { axis: 1 }),
  logSoftmax: ({ graph, inputs }) => graph.add('LogSoftmax', inputs, { axis: 1 }),
};

const POSITION: AxisWindow = { kernel: 1, stride: 1, dilation: 1, padding: [0, 0] };

interface Convolved {
  readonly name: string;
  /** [filters, channels / groups, height, width] */
  readonly kernel: Float32Array;
  readonly filters: number;
  readonly groups: number;
  readonly height: AxisWindow;
  readonly width: AxisWindow;
  readonly bias?: Float32Array | undefined;
}

function convolved({ graph }: Writing, read: string, convolution: Convolved): string {
  const { name, kernel, filters, groups, height, width, bias } = convolution;
  const size = [height.kernel, width.kernel];
  const dims = [filters, kernel.length / (filters * size[0]! * size[1]!), ...size];
  const held = [graph.floats(`${name}.weight`, dims, kernel)];
  if (bias) held.push(graph.floats(`${name}.bias`, [filters], bias));
  const dilations = [height.dilation, width.dilation];
  return graph.add('Conv', [read, ...held], { ...windowed(height, width), dilations, group: groups });
}

function pooling(node: Node) {
  const { height, width } = windowOf(node);
  return windowed(height, width);
}

function windowed(height: AxisWindow, width: AxisWindow) {
  return {
    kernel_shape: [height.kernel, width.kernel],
    strides: [height.stride, width.stride],
    pads: [height.padding[0], width.padding[0], height.padding[1], width.padding[1]],
  };
}

function windowOf({ op, layer, inputShapes }: Node): {
  readonly height: AxisWindow;
  readonly width: AxisWindow;
} {
  const reach = op.reach!(layer, inputShapes);
  if (reach.kind !== 'window') throw new Error(`${op.type} has no window`);
  return reach;
}

function layerOf(node: Node): { readonly groups: number } {
  return node.layer as unknown as { readonly groups: number };
}

function unpadded(window: AxisWindow): AxisWindow {
  return { ...window, padding: [0, 0] };
}

function padded(graph: OnnxBuilder, input: string, [rows, columns]: Sides, mode: PaddingMode): string {
  const pads = [0, 0, rows[0], columns[0], 0, 0, rows[1], columns[1]];
  const name = graph.ints(`pads_${pads.join('_')}`, pads);
  return graph.add('Pad', [input, name], {
    mode: ({ zeros: 'constant', replicate: 'edge', reflect: 'reflect' } as const)[mode],
  });
}

/** Of each group of an image: an instance norm on the way between two reshapings, then a factor and summand a channel. */
function grouped({ graph, node, settings, inputs, weights }: Writing, groups: number): string {
  const { shape, name } = node;
  const channels = shape.at(-1)!;
  const rest = shape.length === 3 ? [channels, shape[0]!, shape[1]!] : [channels];
  const epsilon = { epsilon: { float: settings['epsilon'] as number } };
  const apart = graph.add('Reshape', [inputs[0]!, graph.ints(`groups_${groups}`, [0, groups, -1])]);
  const plain = [constant(graph, 1, groups), constant(graph, 0, groups)];
  const normal = graph.add('InstanceNormalization', [apart, ...plain], epsilon);
  const size = graph.ints(`sizes_${rest.join('_')}`, [-1, ...rest]);
  const back = graph.add('Reshape', [normal, size]);
  if (weights.length === 0) return back;
  const dims = shape.length === 3 ? [channels, 1, 1] : [channels];
  const scaled = graph.add('Mul', [back, graph.floats(`${name}.weight`, dims, weights[0]!)]);
  return graph.add('Add', [scaled, graph.floats(`${name}.bias`, dims, weights[1]!)]);
}

/** As many times the same number. */
function constant(graph: OnnxBuilder, value: number, ...dims: Shape): string {
  const count = dims.reduce((product, size) => product * size, 1);
  return graph.floats(`all_${value}_${dims.join('_')}`, dims, new Float32Array(count).fill(value));
}

function scalar(graph: OnnxBuilder, value: number): string {
  return graph.floats(`number_${value}`, [], Float32Array.of(value));
}
