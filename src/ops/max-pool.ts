import { compilePool } from './compile/pool.ts';
import { defineOp, layerSchema } from './op.ts';
import { poolArgs, poolSettings, poolShape, poolWindows, readPool } from './pooling.ts';
import { isSame, isValid, padding, sidesOfWindows } from './window.ts';

const schema = layerSchema('maxPool', {
  ...poolSettings,
  /** What is padded is less than everything: it never is the maximum. */
  padding: padding.default('valid'),
});

/** The maximum of each window; where it is found several times, the first of them gets its gradient. */
export const maxPool = defineOp({
  type: 'maxPool',
  prefix: 'pool',
  schema,
  shape: poolShape,
  reach: (layer, [input]) => ({ kind: 'window', operation: 'MaxPool', ...poolWindows(layer, input!) }),
  stock(layer, { layers, custom, name, inputs }) {
    const windows = poolWindows(layer, inputs[0]!);
    const args = poolArgs(layer, name);
    if (layer.padding === 'same' || (!isValid(windows) && isSame(windows, inputs[0]!))) {
      return [layers.maxPooling2d({ ...args, padding: 'same' })];
    }
    const pool = layers.maxPooling2d(args);
    if (isValid(windows)) return [pool];
    const sides = sidesOfWindows(windows);
    return [custom.padding({ name: `${name}_padding`, sides, fill: 'lowest' }), pool];
  },
  read: (found) => readPool('MaxPooling2D', found),
  compile: (layer, emit) => compilePool(emit, 'max', poolWindows(layer, emit.inputs[0]!.shape)),
});
