import { z } from 'zod';
import { compileBackward, compileForward, ONE_BY_ONE } from './compile/convolve.ts';
import { mapBlock } from './compile/lanes.ts';
import { defineOp, layerSchema } from './op.ts';
import { mapAfter, pair, pairOf, positive, windowsOf } from './window.ts';

const schema = layerSchema('separableConvolution', {
  filters: positive,
  kernel: pair,
  padding: z.enum(['valid', 'same']).default('valid'),
  stride: pair.default([1, 1]),
  dilation: pair.default([1, 1]),
  bias: z.boolean().default(false),
});

/**
 * A depthwise convolution of one filter a channel (tfjs forgets any other number on saving) and a 1x1 convolution of what it
 * gives, with nothing between.
 */
export const separableConvolution = defineOp({
  type: 'separableConvolution',
  prefix: 'separable',
  schema,
  shape(layer, [input]) {
    const size = mapAfter(windowsOf(layer, input!), input!);
    return typeof size === 'string' ? size : [...size, layer.filters];
  },
  weights: (layer, [input]) => [
    {
      name: 'depthwiseKernel',
      shape: [...layer.kernel, input![2]!, 1],
      trainable: true,
      first: 'heUniform',
    },
    {
      name: 'pointwiseKernel',
      shape: [1, 1, input![2]!, layer.filters],
      trainable: true,
      first: 'heUniform',
    },
    ...(layer.bias ? [{ name: 'bias', shape: [layer.filters], trainable: true, first: 0 }] : []),
  ],
  multiplyAdds(layer, [input]) {
    const [height, width] = mapAfter(windowsOf(layer, input!), input!) as readonly [number, number];
    return height * width * input![2]! * (layer.kernel[0] * layer.kernel[1] + layer.filters);
  },
  reach: (layer, [input]) => ({ kind: 'window', operation: 'SeparableConv2d', ...windowsOf(layer, input!) }),
  stock: (layer, { layers, name }) => [
    layers.separableConv2d({
      name,
      filters: layer.filters,
      kernelSize: [...layer.kernel] as [number, number],
      strides: [...layer.stride] as [number, number],
      dilationRate: [...layer.dilation] as [number, number],
      padding: layer.padding,
      useBias: layer.bias,
      depthwiseInitializer: 'zeros',
      pointwiseInitializer: 'zeros',
    }),
  ],
  read({ className, config }) {
    if (className !== 'SeparableConv2D') return undefined;
    if (config['dataFormat'] === 'channelsFirst')
      return 'puts channels first. Build the model with channels last.';
    return {
      filters: Number(config['filters']),
      kernel: pairOf(config['kernelSize'], [1, 1]),
      padding: config['padding'] as 'valid' | 'same',
      stride: pairOf(config['strides'], [1, 1]),
      dilation: pairOf(config['dilationRate'], [1, 1]),
      bias: config['useBias'] === true,
    };
  },
  compile(layer, emit) {
    const { output } = emit;
    const input = emit.inputs[0]!;
    const channels = input.shape[2]!;
    const shape = [...output.shape.slice(0, 2), channels];
    const between = mapBlock(emit, shape);
    const kernels = [emit.weight('depthwiseKernel'), emit.weight('pointwiseKernel')] as const;
    const windows = windowsOf(layer, input.shape);
    const depthwise = { input, output: between, kernel: kernels[0], windows, groups: channels };
    const bias = layer.bias ? emit.weight('bias') : undefined;
    const pointwise = { input: between, output, kernel: kernels[1], bias, windows: ONE_BY_ONE, groups: 1 };
    compileForward(emit, depthwise);
    compileForward(emit, pointwise);
    if (!emit.training) return;
    const gradient = mapBlock(emit, shape);
    compileBackward(emit, pointwise, emit.outputGradient(), gradient);
    compileBackward(emit, depthwise, gradient, emit.addableInputGradient(0));
  },
});
