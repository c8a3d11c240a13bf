import { backend_util } from '@tensorflow/tfjs-core';

type Info = ReturnType<typeof backend_util.computeConv2DInfo>;
type Visit = (inputIndex: number, outputIndex: number, filterIndex: number) => void;

/** Attributes that both depthwise gradients have. */
export interface DepthwiseAttributes {
  readonly strides: [number, number] | number;
  readonly dilations: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export function depthwiseInfo(
  inputShape: number[],
  filterShape: number[],
  { strides, dilations, pad, dimRoundingMode }: DepthwiseAttributes,
): Info {
  return backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
    true,
  );
}

/**
 * Calls `visit` for every product that a depthwise convolution of x [batch, height, width, channels] with a filter
 * [height, width, channels, multiplier] adds up, with the three elements' positions.
 */
export function forEachProduct(info: Info, visit: Visit): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const multiplier = outChannels / inChannels;
  for (let b = 0; b < batchSize; b++) {
    for (let outY = 0; outY < outHeight; outY++) {
      for (let outX = 0; outX < outWidth; outX++) {
        const output = ((b * outHeight + outY) * outWidth + outX) * outChannels;
        for (let u = 0; u < info.filterHeight; u++) {
          const y = outY * info.strideHeight + u * info.dilationHeight - info.padInfo.top;
          if (y < 0 || y >= inHeight) continue;
          for (let v = 0; v < info.filterWidth; v++) {
            const column = outX * info.strideWidth + v * info.dilationWidth - info.padInfo.left;
            if (column < 0 || column >= inWidth) continue;
            const input = ((b * inHeight + y) * inWidth + column) * inChannels;
            const filter = (u * info.filterWidth + v) * outChannels;
            for (let c = 0; c < outChannels; c++)
              visit(input + Math.floor(c / multiplier), output + c, filter + c);
          }
        }
      }
    }
  }
}
