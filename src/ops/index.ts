import type { z } from 'zod';
import { activation } from './activation.ts';
import { add } from './add.ts';
import { averagePool } from './average-pool.ts';
import { batchNorm } from './batch-norm.ts';
import { concatenate } from './concatenate.ts';
import { convolution } from './convolution.ts';
import { dense } from './dense.ts';
import { dropout } from './dropout.ts';
import { flatten } from './flatten.ts';
import { globalAveragePool } from './global-average-pool.ts';
import { globalMaxPool } from './global-max-pool.ts';
import { groupNorm } from './group-norm.ts';
import { instanceNorm } from './instance-norm.ts';
import { layerNorm } from './layer-norm.ts';
import { leakyRelu } from './leaky-relu.ts';
import { logSoftmax } from './log-softmax.ts';
import { maxPool } from './max-pool.ts';
import type { Op } from './op.ts';
import { padding } from './padding.ts';
import { prelu } from './prelu.ts';
import { relu } from './relu.ts';
import { separableConvolution } from './separable-convolution.ts';
import { softmax } from './softmax.ts';
import { spatialDropout } from './spatial-dropout.ts';

/** Every layer type there is: an op is added by its file and its line here. */
const list = [
  convolution,
  separableConvolution,
  dense,
  batchNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  relu,
  leakyRelu,
  prelu,
  activation,
  maxPool,
  averagePool,
  globalAveragePool,
  globalMaxPool,
  dropout,
  spatialDropout,
  flatten,
  padding,
  add,
  concatenate,
  softmax,
  logSoftmax,
] as const;

export const ops: readonly Op[] = list;

type Schema = (typeof list)[number]['schema'];

/** A layer as plain data, as it is written. */
export type LayerData = Readonly<z.input<Schema>>;

/** The op of this type; undefined where there is none. */
export function opOf(type: string): Op | undefined {
  return ops.find((op) => op.type === type);
}
