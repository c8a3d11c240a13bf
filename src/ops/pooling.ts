import type { z } from 'zod';
import type { FoundLayer, Settings, Shape } from './op.ts';
import { mapAfter, type padding, pair, pairOf, type Windows, windowsOf } from './window.ts';

/** Settings that max and average pooling have in common. */
export const poolSettings = {
  /** Height and width of the window. */
  size: pair,
  /** Absent: the size. */
  stride: pair.optional(),
};

interface Pooling {
  readonly size: z.output<typeof pair>;
  readonly stride?: z.output<typeof pair> | undefined;
  readonly padding: z.output<typeof padding>;
}

export function poolWindows({ size, stride, padding }: Pooling, input: Shape): Windows {
  return windowsOf({ kernel: size, stride: stride ?? size, dilation: [1, 1], padding }, input);
}

export function poolShape(layer: Pooling, [input]: readonly Shape[]): Shape | string {
  const size = mapAfter(poolWindows(layer, input!), input!);
  return typeof size === 'string' ? size : [...size, input![2]!];
}

/** What `tf.layers` is told of a pooling, but for the padding. */
export function poolArgs({ size, stride }: Pooling, name: string) {
  return {
    name,
    poolSize: [...size] as [number, number],
    strides: [...(stride ?? size)] as [number, number],
  };
}

/** The settings of a stock layer of this class. */
export function readPool(wanted: string, { className, config }: FoundLayer): Settings | string | undefined {
  if (className !== wanted) return undefined;
  if (config['dataFormat'] === 'channelsFirst')
    return 'puts channels first. Build the model with channels last.';
  const size = pairOf(config['poolSize'], [2, 2]);
  return { size, stride: pairOf(config['strides'], size), padding: config['padding'] };
}
