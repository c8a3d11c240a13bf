import { z } from 'zod';
import { compileDropout } from './compile/dropout.ts';
import { floatsOf } from './compile/lanes.ts';
import { defineOp, layerSchema } from './op.ts';

/** Share that is dropped. */
export const rate = z.number().min(0).lt(1);
const schema = layerSchema('dropout', { rate });

/** In training, sets elements to 0 and divides the others by 1 - rate. */
export const dropout = defineOp({
  type: 'dropout',
  prefix: 'dropout',
  schema,
  shape: (_, [input]) => input!,
  stock: ({ rate }, { layers, name }) => [layers.dropout({ name, rate })],
  read({ className, config }) {
    if (className !== 'Dropout') return undefined;
    const noise = config['noiseShape'];
    if (isSpatial(noise)) return undefined;
    if (Array.isArray(noise))
      return `has the noise shape [${noise.map((size) => size ?? 'any').join(', ')}].`;
    const rate = Number(config['rate']);
    return rate < 1 ? { rate } : 'drops everything.';
  },
  compile: ({ rate }, emit) => compileDropout(emit, rate, floatsOf(emit.output)),
});

/** Whether a noise shape draws once an image and channel. */
export function isSpatial(noise: unknown): boolean {
  return (
    Array.isArray(noise) &&
    noise.length === 4 &&
    noise[0] === null &&
    noise[1] === 1 &&
    noise[2] === 1 &&
    noise[3] === null
  );
}
