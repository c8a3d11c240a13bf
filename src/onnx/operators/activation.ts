import type { ActivationFunction } from '../../ops/activation.ts';
import { mapToLast } from '../layout.ts';
import { type Data, decimal, floatsOf, heldOf, NO_WEIGHTS, type Operator, type Use } from '../value.ts';

/** A function of each value by itself. */
export function pointwise(name: ActivationFunction): Operator {
  return (use) => emitted(use, 'activation', { function: name });
}

export const relu: Operator = (use) => emitted(use, 'relu');

export const leakyRelu: Operator = (use) =>
  emitted(use, 'leakyRelu', { slope: decimal(use.number('alpha', 0.01)) });

/** ReLU6 and its like, or the hard hyperbolic tangent. */
export const clip: Operator = (use) => {
  const [low, high] = [bound(use, 'min', 1), bound(use, 'max', 2)];
  if (low === 0 && high !== undefined && high > 0) return emitted(use, 'relu', { max: decimal(high) });
  if (low === 0 && high === undefined) return emitted(use, 'relu');
  if (low === -1 && high === 1) return emitted(use, 'activation', { function: 'hardTanh' });
  return `cuts off below ${low ?? 'nothing'} and above ${high ?? 'nothing'}`;
};

function bound(use: Use, name: string, input: number): number | undefined {
  const value = use.tensor(input)?.values?.[0] ?? use.number(name, Number.NaN);
  return Number.isFinite(value) && Math.abs(value) < 3e38 ? value : undefined;
}

/** Functions with settings, of which this project has one. */
export function withAlpha(name: ActivationFunction, alpha: number, otherwise: number): Operator {
  return (use) => {
    const found = decimal(use.number('alpha', otherwise));
    return found === alpha ? emitted(use, 'activation', { function: name }) : `has the alpha ${found}`;
  };
}

export const hardSigmoid: Operator = (use) => {
  const [alpha, beta] = [decimal(use.number('alpha', 0.2)), decimal(use.number('beta', 0.5))];
  return alpha === 0.2 && beta === 0.5
    ? emitted(use, 'activation', { function: 'hardSigmoid' })
    : `has the slope ${alpha} and the summand ${beta}`;
};

export const gelu: Operator = (use) =>
  use.text('approximate', 'none') === 'none'
    ? emitted(use, 'activation', { function: 'gelu' })
    : 'is approximated';

/** Alone, or with the multiplication by what it reads: x sigmoid(x). */
export const sigmoid: Operator = (use) => {
  const next = use.reader(use.node.outputs[0]!);
  if (next?.operator === 'Log') {
    use.absorb(next);
    return emitted(use, 'activation', { function: 'logSigmoid' });
  }
  const isSwish = next?.operator === 'Mul' && next.inputs.includes(use.node.inputs[0]!);
  if (isSwish) use.absorb(next);
  return emitted(use, 'activation', { function: isSwish ? 'swish' : 'sigmoid' });
};

export const prelu: Operator = (use) => {
  const input = use.data(0);
  const slope = use.tensor(1);
  const alpha = floatsOf(slope);
  if (slope === undefined || alpha === undefined) return NO_WEIGHTS;
  const shape = input?.shape;
  if (shape === undefined) return 'reads a value of unknown size';
  const channels = shape.at(-1)!;
  const dims = slope.dims.filter((size, i) => size !== 1 || i > 0);
  const emit = (slopes: string, values: Float32Array) =>
    use.emit({
      type: 'prelu',
      settings: { slopes },
      from: [input!],
      weights: [values],
      held: [heldOf(slope)],
    });
  if (alpha.length === 1) return emit('one', alpha);
  const perChannel = input!.layout === 'first' && shape.length === 3 ? `${channels},1,1` : `${channels}`;
  if (alpha.length === channels && dims.join() === perChannel) return emit('channel', alpha);
  if (shape.length === 3 && alpha.length === shape[0]! * shape[1]! * channels) {
    return emit('element', input!.layout === 'first' ? mapToLast(alpha, slope.dims.slice(-3)) : alpha);
  }
  return `has slopes of ${slope.dims.join(' x ')}`;
};

/** Along the channels. */
export function alongChannels(type: 'softmax' | 'logSoftmax'): Operator {
  return (use) => {
    const input = use.data(0);
    if (input?.shape === undefined) return 'reads a value of unknown size';
    const rank = input.shape.length + 1;
    const axis = (use.number('axis', use.opset < 13 ? 1 : -1) + rank) % rank;
    const isChannels = axis === (rank === 2 || input.layout === 'first' ? 1 : rank - 1);
    return isChannels
      ? use.emit({ type, from: [input] })
      : `works along axis ${axis}, not along the channels`;
  };
}

function emitted(use: Use, type: string, settings: Readonly<Record<string, unknown>> = {}): Data | string {
  const input = use.data(0);
  return input?.shape === undefined
    ? 'reads a value of unknown size'
    : use.emit({ type, settings, from: [input] });
}
