import { compileDropout } from './compile/dropout.ts';
import { isSpatial, rate } from './dropout.ts';
import { defineOp, layerSchema } from './op.ts';
import { needsMap } from './window.ts';

const schema = layerSchema('spatialDropout', { rate });

/** In training, sets whole channels of an image to 0 and divides the others by 1 - rate. */
export const spatialDropout = defineOp({
  type: 'spatialDropout',
  prefix: 'spatial',
  schema,
  shape: (_, [input]) => needsMap(input!) ?? input!,
  // The type of tfjs leaves out that a null stands for the size of the input.
  stock: ({ rate }, { layers, name }) => [
    layers.dropout({ name, rate, noiseShape: [null, 1, 1, null] as unknown as number[] }),
  ],
  read({ className, config }) {
    if (className !== 'Dropout' || !isSpatial(config['noiseShape'])) return undefined;
    const rate = Number(config['rate']);
    return rate < 1 ? { rate } : 'drops everything.';
  },
  compile: ({ rate }, emit) => compileDropout(emit, rate, emit.output.shape.at(-1)!),
});
