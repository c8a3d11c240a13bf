import { compilePool } from './compile/pool.ts';
import { defineOp, layerSchema } from './op.ts';
import { poolArgs, poolSettings, poolShape, poolWindows, readPool } from './pooling.ts';
import { isValid, padding, sidesOfWindows } from './window.ts';

const schema = layerSchema('averagePool', {
  ...poolSettings,
  /** 'same': the mean of what lies inside the map, as TensorFlow has it. Numbers: zeros that count, as PyTorch has them. */
  padding: padding.default('valid'),
});

/** The mean of each window. */
export const averagePool = defineOp({
  type: 'averagePool',
  prefix: 'average',
  schema,
  shape: poolShape,
  reach: (layer, [input]) => ({ kind: 'window', operation: 'AvgPool', ...poolWindows(layer, input!) }),
  stock(layer, { layers, name, inputs }) {
    const windows = poolWindows(layer, inputs[0]!);
    const args = poolArgs(layer, name);
    if (layer.padding === 'same') return [layers.averagePooling2d({ ...args, padding: 'same' })];
    const pool = layers.averagePooling2d(args);
    if (isValid(windows)) return [pool];
    const sides = sidesOfWindows(windows).map((side) => [...side]) as [[number, number], [number, number]];
    return [layers.zeroPadding2d({ name: `${name}_padding`, padding: sides }), pool];
  },
  read: (found) => readPool('AveragePooling2D', found),
  compile: (layer, emit) =>
    compilePool(emit, 'average', poolWindows(layer, emit.inputs[0]!.shape), {
      countsPadding: layer.padding !== 'same',
    }),
});
