import { compilePool } from './compile/pool.ts';
import { poolWindow } from './max-pool.ts';
import { defineOp, layerSchema } from './op.ts';
import { isValid, mapAfter, padding, pair, pairOf, sidesOfWindows, windowsOf } from './window.ts';

const schema = layerSchema('averagePool', {
  /** Height and width of the window. */
  size: pair,
  /** Absent: the size. */
  stride: pair.optional(),
  /** 'same': the mean of what lies inside the map, as TensorFlow has it. Numbers: zeros that count, as PyTorch has them. */
  padding: padding.default('valid'),
});

export const averagePool = defineOp({
  type: 'averagePool',
  prefix: 'average',
  schema,
  shape(layer, [input]) {
    const size = mapAfter(windowsOf(poolWindow(layer), input!), input!);
    return typeof size === 'string' ? size : [...size, input![2]!];
  },
  reach: (layer, [input]) => ({
    kind: 'window',
    operation: 'AvgPool',
    ...windowsOf(poolWindow(layer), input!),
  }),
  stock(layer, { layers, name, inputs }) {
    const { kernel, stride } = poolWindow(layer);
    const windows = windowsOf(poolWindow(layer), inputs[0]!);
    const args = {
      name,
      poolSize: [...kernel] as [number, number],
      strides: [...stride] as [number, number],
    };
    if (layer.padding === 'same') return [layers.averagePooling2d({ ...args, padding: 'same' })];
    const pool = layers.averagePooling2d(args);
    if (isValid(windows)) return [pool];
    const sides = sidesOfWindows(windows).map((side) => [...side]) as [[number, number], [number, number]];
    return [layers.zeroPadding2d({ name: `${name}_padding`, padding: sides }), pool];
  },
  read({ className, config }) {
    if (className !== 'AveragePooling2D') return undefined;
    if (config['dataFormat'] === 'channelsFirst')
      return 'puts channels first. Build the model with channels last.';
    return {
      size: pairOf(config['poolSize'], [2, 2]),
      stride: pairOf(config['strides'], pairOf(config['poolSize'], [2, 2])),
      padding: config['padding'] as 'valid' | 'same',
    };
  },
  compile: (layer, emit) =>
    compilePool(
      emit,
      'average',
      windowsOf(poolWindow(layer), emit.inputs[0]!.shape),
      layer.padding !== 'same',
    ),
});
