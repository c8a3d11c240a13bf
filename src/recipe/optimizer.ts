import { z } from 'zod';

const share = z.number().min(0).lt(1);
const settings = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).readonly();

/** v = momentum x v + g; w = w - learning rate x v, or with `nesterov` w - learning rate x (g + momentum x v). */
const sgdSchema = settings({
  type: z.literal('sgd'),
  momentum: share.exactOptional(),
  nesterov: z.boolean().exactOptional(),
});

const moments = {
  /** Of the mean of gradients (0.9) and of that of their squares (0.999). */
  beta1: share.exactOptional(),
  beta2: share.exactOptional(),
  /** Added to the root of the mean square: 1e-8. */
  epsilon: z.number().positive().exactOptional(),
};
/** https://arxiv.org/abs/1412.6980; weight decay is part of the gradient. */
const adamSchema = settings({ type: z.literal('adam'), ...moments });
/** As Adam, but the weight decay (times the learning rate) shrinks the weights beside it. https://arxiv.org/abs/1711.05101 */
const adamWSchema = settings({ type: z.literal('adamW'), ...moments });

export const optimizerSchema = z.discriminatedUnion('type', [sgdSchema, adamSchema, adamWSchema]);
export type Optimizer = z.infer<typeof optimizerSchema>;

/** Of every trainable weight, or with or without those of norms (scale and shift) and biases. */
export const weightDecaySchema = z.union(
  [
    z.number().nonnegative(),
    settings({ rate: z.number().nonnegative(), norms: z.boolean(), biases: z.boolean() }),
  ],
  { error: 'a number from 0 or { rate, norms, biases }' },
);
export type WeightDecay = z.infer<typeof weightDecaySchema>;

/** Before weight decay and momentum: the gradient of all weights is made as short as `norm`, or each value of it cut to `value`. */
export const gradientClippingSchema = z.union(
  [settings({ norm: z.number().positive() }), settings({ value: z.number().positive() })],
  { error: '{ norm } or { value } above 0' },
);
export type GradientClipping = z.infer<typeof gradientClippingSchema>;

/** What a recipe says of the update of weights, with every default in its place. */
export type UpdateRule = (
  | { readonly type: 'sgd'; readonly momentum: number; readonly nesterov: boolean }
  | {
      readonly type: 'adam' | 'adamW';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    }
) & { readonly clipNorm: number; readonly clipValue: number };

export interface UpdateSettings {
  readonly optimizer?: Optimizer;
  readonly momentum?: number;
  readonly weightDecay?: WeightDecay;
  readonly gradientClipping?: GradientClipping;
}

/** The rule of a recipe; a limit of Infinity cuts nothing. */
export function updateRule({ optimizer, momentum = 0, gradientClipping }: UpdateSettings): UpdateRule {
  const clip = {
    clipNorm: gradientClipping !== undefined && 'norm' in gradientClipping ? gradientClipping.norm : Infinity,
    clipValue:
      gradientClipping !== undefined && 'value' in gradientClipping ? gradientClipping.value : Infinity,
  };
  if (optimizer === undefined) return { type: 'sgd', momentum, nesterov: false, ...clip };
  if (optimizer.type === 'sgd') {
    return { type: 'sgd', momentum: optimizer.momentum ?? 0, nesterov: optimizer.nesterov ?? false, ...clip };
  }
  const { type, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimizer;
  return { type, beta1, beta2, epsilon, ...clip };
}

/** Weight decay of the weight that is called so in its layer: "kernel", "bias", "gamma", "beta", ... */
export function decayOf({ weightDecay = 0 }: UpdateSettings, weight: string): number {
  if (typeof weightDecay === 'number') return weightDecay;
  const { rate, norms, biases } = weightDecay;
  if (weight === 'gamma' || weight === 'beta') return norms ? rate : 0;
  return weight.endsWith('bias') && !biases ? 0 : rate;
}

/** 1 - beta^(step + 1), by products alone: by how much the moving mean of `step` + 1 gradients is too small. */
export function biasCorrection(beta: number, step: number): number {
  let power = 1;
  for (let square = beta, left = step + 1; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power *= square;
    square *= square;
  }
  return 1 - power;
}
