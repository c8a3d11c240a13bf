import { compilePool, wholeMap } from './compile/pool.ts';
import { defineOp, layerSchema } from './op.ts';
import { needsMap } from './window.ts';

const schema = layerSchema('globalAveragePool', {});

/** The mean of every channel. Where a map of 1 x 1 is wanted, an average pooling of the map's size gives it. */
export const globalAveragePool = defineOp({
  type: 'globalAveragePool',
  prefix: 'gap',
  schema,
  shape: (_, [input]) => needsMap(input!) ?? [input![2]!],
  reach: () => ({ kind: 'whole', operation: 'GAP' }),
  stock: (_, { layers, name }) => [layers.globalAveragePooling2d({ name })],
  read({ className, config }) {
    if (className !== 'GlobalAveragePooling2D') return undefined;
    if (config['dataFormat'] === 'channelsFirst')
      return 'puts channels first. Build the model with channels last.';
    return {};
  },
  compile: (_, emit) => compilePool(emit, 'average', wholeMap(emit.inputs[0]!.shape)),
});
