import { compilePool } from './compile/pool.ts';
import { defineOp, layerSchema } from './op.ts';
import { isSame, isValid, mapAfter, padding, pair, pairOf, sidesOfWindows, windowsOf } from './window.ts';

const schema = layerSchema('maxPool', {
  /** Height and width of the window. */
  size: pair,
  /** Absent: the size. */
  stride: pair.optional(),
  /** What is padded is less than everything: it never is the maximum. */
  padding: padding.default('valid'),
});

export const maxPool = defineOp({
  type: 'maxPool',
  prefix: 'pool',
  schema,
  shape(layer, [input]) {
    const size = mapAfter(windowsOf(poolWindow(layer), input!), input!);
    return typeof size === 'string' ? size : [...size, input![2]!];
  },
  reach: (layer, [input]) => ({
    kind: 'window',
    operation: 'MaxPool',
    ...windowsOf(poolWindow(layer), input!),
  }),
  stock(layer, { layers, custom, name, inputs }) {
    const { kernel, stride } = poolWindow(layer);
    const windows = windowsOf(poolWindow(layer), inputs[0]!);
    const args = {
      name,
      poolSize: [...kernel] as [number, number],
      strides: [...stride] as [number, number],
    };
    if (layer.padding === 'same' || (!isValid(windows) && isSame(windows, inputs[0]!))) {
      return [layers.maxPooling2d({ ...args, padding: 'same' })];
    }
    const pool = layers.maxPooling2d(args);
    if (isValid(windows)) return [pool];
    return [
      custom.padding({ name: `${name}_padding`, sides: sidesOfWindows(windows), fill: 'lowest' }),
      pool,
    ];
  },
  read({ className, config }) {
    if (className !== 'MaxPooling2D') return undefined;
    if (config['dataFormat'] === 'channelsFirst')
      return 'puts channels first. Build the model with channels last.';
    return {
      size: pairOf(config['poolSize'], [2, 2]),
      stride: pairOf(config['strides'], pairOf(config['poolSize'], [2, 2])),
      padding: config['padding'] as 'valid' | 'same',
    };
  },
  compile: (layer, emit) => compilePool(emit, 'max', windowsOf(poolWindow(layer), emit.inputs[0]!.shape)),
});

type Pair = readonly [number, number];

/** The settings of a pooling as those of any window. */
export function poolWindow<P>(layer: {
  readonly size: Pair;
  readonly stride?: Pair | undefined;
  readonly padding: P;
}) {
  return {
    kernel: layer.size,
    stride: layer.stride ?? layer.size,
    dilation: [1, 1] as const,
    padding: layer.padding,
  };
}
