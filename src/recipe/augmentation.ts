import { z } from 'zod';

const amount = z.number().nonnegative();

/**
 * Random changes of a training image; every amount is uniform and symmetric around "no change". In the order of their
 * effect: shear, scale and rotation about the centre, shift, flip, crop; then brightness and contrast; then cutout. Pixels
 * that the image does not have are black.
 */
export const augmentationSchema = z
  .strictObject({
    /** Rotation, at most this many degrees either way. */
    rotation: amount.exactOptional(),
    /** Scale, at most this fraction larger or smaller. */
    scale: amount.lt(1).exactOptional(),
    /** Shift in x and in y, at most this many pixels either way. */
    shift: amount.exactOptional(),
    /** Shear along x, at most this many degrees either way. */
    shear: amount.lt(90).exactOptional(),
    /** Every second image is seen in a mirror, left and right changed. */
    horizontalFlip: z.boolean().exactOptional(),
    /** A crop of the image's own size out of the image with this many black pixels on each side. */
    crop: z.number().int().nonnegative().exactOptional(),
    /** Pixels are multiplied by at most this fraction more or less than 1. */
    brightness: amount.max(1).exactOptional(),
    /** Distances from the image's mean are multiplied by at most this fraction more or less than 1. */
    contrast: amount.max(1).exactOptional(),
    /** Side in pixels of a black square, whose centre is any pixel: https://arxiv.org/abs/1708.04552 */
    cutout: z.number().int().nonnegative().exactOptional(),
  })
  .readonly();
export type Augmentation = z.infer<typeof augmentationSchema>;
