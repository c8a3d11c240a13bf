import { serialization } from '@tensorflow/tfjs-core';
import type { CustomLayers } from '../../ops/op.ts';
import { PartialBatchNormalization } from './batch-norm.ts';
import { ChannelsFirstFlatten } from './channels-first-flatten.ts';
import { GroupNormalization } from './group-norm.ts';
import { GroupedConvolution2D } from './grouped-convolution.ts';
import { Padding2D } from './padding.ts';
import { Pointwise } from './pointwise.ts';

// tfjs-layers calls their constructors with the configuration that `getConfig` gave.
for (const layer of [
  GroupNormalization,
  PartialBatchNormalization,
  Padding2D,
  GroupedConvolution2D,
  ChannelsFirstFlatten,
  Pointwise,
]) {
  serialization.registerClass(
    layer as unknown as serialization.SerializableConstructor<serialization.Serializable>,
  );
}

/** The layers of this project that tfjs lacks, registered with it. */
export const customLayers: CustomLayers = {
  partialBatchNorm: (args) => new PartialBatchNormalization(args),
  groupNorm: (args) => new GroupNormalization(args),
  padding: (args) => new Padding2D(args),
  groupedConvolution: (args) => new GroupedConvolution2D(args),
  channelsFirstFlatten: (args) => new ChannelsFirstFlatten(args),
  pointwise: (args) => new Pointwise(args),
};
