import { z } from 'zod';
import { compilePointwise } from './compile/pointwise.ts';
import { defineOp, layerSchema } from './op.ts';

/** Functions that tfjs has by name. */
export const STOCK_FUNCTIONS = [
  'linear',
  'sigmoid',
  'hardSigmoid',
  'tanh',
  'elu',
  'selu',
  'softplus',
  'softsign',
  'swish',
  'mish',
  'gelu',
] as const;
/** Functions that this project adds. */
export const OWN_FUNCTIONS = ['hardSwish', 'hardTanh', 'logSigmoid'] as const;

const schema = layerSchema('activation', { function: z.enum([...STOCK_FUNCTIONS, ...OWN_FUNCTIONS]) });
export type ActivationFunction = z.output<typeof schema>['function'];

/** A function of each value by itself, but for the ReLUs, which have types of their own. */
export const activation = defineOp({
  type: 'activation',
  prefix: 'activation',
  schema,
  shape: (_, [input]) => input!,
  stock: (layer, { layers, custom, name }) => {
    const stock = STOCK_FUNCTIONS.find((each) => each === layer.function);
    return [
      stock
        ? layers.activation({ name, activation: stock })
        : custom.pointwise({ name, function: layer.function }),
    ];
  },
  read({ className, config }) {
    // The layer of tfjs takes no other alpha than 1.
    if (className === 'ELU') return { function: 'elu' };
    if (className === 'Pointwise') return { function: config['function'] as ActivationFunction };
    if (className !== 'Activation') return undefined;
    const stock = STOCK_FUNCTIONS.find((each) => each === config['activation']);
    return stock && { function: stock };
  },
  compile: (layer, emit) => compilePointwise(emit, layer.function),
});
