import { z } from 'zod';
import { compileBackward, compileForward, ONE_BY_ONE } from './compile/convolve.ts';
import { defineOp, layerSchema } from './op.ts';
import { positive } from './window.ts';

const schema = layerSchema('dense', { units: positive, bias: z.boolean().default(true) });

/** Of a vector; of a map at every position by itself, as a 1x1 convolution. Kernel [inputs, units]. */
export const dense = defineOp({
  type: 'dense',
  prefix: 'dense',
  schema,
  shape: ({ units }, [input]) => [...input!.slice(0, -1), units],
  weights: ({ units, bias }, [input]) => [
    { name: 'kernel', shape: [input!.at(-1)!, units], trainable: true, first: 'heUniform' },
    ...(bias ? [{ name: 'bias', shape: [units], trainable: true, first: 0 }] : []),
  ],
  multiplyAdds: ({ units }, [input]) => units * input!.reduce((product, size) => product * size, 1),
  reach: (_, [input]) =>
    input!.length === 1
      ? { kind: 'whole', operation: 'Dense' }
      : { kind: 'window', operation: 'Dense', height: POSITION, width: POSITION },
  stock: ({ units, bias }, { layers, name }) => [
    layers.dense({ name, units, useBias: bias, kernelInitializer: 'zeros' }),
  ],
  read({ className, config }) {
    if (className !== 'Dense') return undefined;
    return { units: Number(config['units']), bias: config['useBias'] === true };
  },
  compile({ bias }, emit) {
    const convolved = {
      input: emit.inputs[0]!,
      output: emit.output,
      kernel: emit.weight('kernel'),
      bias: bias ? emit.weight('bias') : undefined,
      windows: ONE_BY_ONE,
      groups: 1,
    };
    compileForward(emit, convolved);
    if (emit.training) compileBackward(emit, convolved, emit.outputGradient(), emit.addableInputGradient(0));
  },
});

const POSITION = { kernel: 1, stride: 1, dilation: 1, padding: [0, 0] } as const;
