import { compilePool, wholeMap } from './compile/pool.ts';
import { defineOp, layerSchema } from './op.ts';
import { needsMap } from './window.ts';

const schema = layerSchema('globalMaxPool', {});

/** The maximum of every channel; where it is found several times, all of them get its gradient, as in tfjs. Where a map of 1 x 1 is wanted, a max pooling of the map's size gives it. */
export const globalMaxPool = defineOp({
  type: 'globalMaxPool',
  prefix: 'gmp',
  schema,
  shape: (_, [input]) => needsMap(input!) ?? [input![2]!],
  reach: () => ({ kind: 'whole', operation: 'GMP' }),
  stock: (_, { layers, name }) => [layers.globalMaxPooling2d({ name })],
  read({ className, config }) {
    if (className !== 'GlobalMaxPooling2D') return undefined;
    if (config['dataFormat'] === 'channelsFirst')
      return 'puts channels first. Build the model with channels last.';
    return {};
  },
  compile: (_, emit) => compilePool(emit, 'max', wholeMap(emit.inputs[0]!.shape), { toAll: true }),
});
