import { uniform } from '../random.ts';
import type { Augmentation } from '../recipe/augmentation.ts';
import { type ImageSet, imageSize } from './dataset.ts';
import { cosine, sine } from '../sine.ts';

/** Source coordinates are fixed-point: integer steps are fast, and equal on every machine. */
export const FRACTION_BITS = 16;
const ONE = 1 << FRACTION_BITS;
const HALF = ONE >> 1;

/**
 * Where an image's pixels come from: target pixel (x, y) is source pixel (fromX + x acrossX + y downX,
 * fromY + x acrossY + y downY), in steps of 2^-FRACTION_BITS pixels, rounded down.
 */
export interface SourceMap {
  readonly fromX: number;
  readonly fromY: number;
  readonly acrossX: number;
  readonly acrossY: number;
  readonly downX: number;
  readonly downY: number;
}

/** Half a pixel makes the rounding down one to the nearest pixel. */
const IDENTITY: SourceMap = { fromX: HALF, fromY: HALF, acrossX: ONE, acrossY: 0, downX: 0, downY: ONE };

/** A square of black pixels, its first corner perhaps outside the image. */
export interface Cutout {
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/** Which of an image's random numbers decides what; each is drawn by its number alone. */
const Draw = {
  angle: 0,
  scale: 1,
  shiftX: 2,
  shiftY: 3,
  shear: 4,
  flip: 5,
  cropX: 6,
  cropY: 7,
  cutX: 8,
  cutY: 9,
  brightness: 10,
  contrast: 11,
} as const;

/**
 * The map of an image that is sheared, scaled and turned about its centre, shifted, mirrored and cropped, by amounts that
 * depend on `key` alone; without an augmentation that of the image as it is.
 */
export function sourceMap(
  { width, height }: Pick<ImageSet, 'width' | 'height'>,
  augmentation: Augmentation | undefined,
  key: number,
): SourceMap {
  if (augmentation === undefined) return IDENTITY;
  const angle = spread(augmentation.rotation ?? 0, key, Draw.angle);
  const scale = 1 + spread(augmentation.scale ?? 0, key, Draw.scale);
  const shiftX = spread(augmentation.shift ?? 0, key, Draw.shiftX);
  const shiftY = spread(augmentation.shift ?? 0, key, Draw.shiftY);
  const slope = augmentation.shear ? tangent(spread(augmentation.shear, key, Draw.shear)) : 0;

  // The inverse map: a step of one pixel in the target is a step of (cos, -sin) / scale in the sheared source.
  const cos = cosine(angle) / scale;
  const sin = sine(angle) / scale;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const left = -centreX - shiftX;
  const top = -centreY - shiftY;
  const v = cos * top - sin * left;
  const map = {
    fromX: Math.round((cos * left + sin * top - slope * v + centreX) * ONE) + HALF,
    fromY: Math.round((v + centreY) * ONE) + HALF,
    acrossX: Math.round((cos + slope * sin) * ONE),
    acrossY: -Math.round(sin * ONE),
    downX: Math.round((sin - slope * cos) * ONE),
    downY: Math.round(cos * ONE),
  };
  return cropped(
    augmentation.horizontalFlip === true && uniform(key, Draw.flip) < 0.5 ? mirrored(map, width) : map,
    augmentation.crop ?? 0,
    key,
  );
}

function tangent(degrees: number): number {
  return sine(degrees) / cosine(degrees);
}

function mirrored(map: SourceMap, width: number): SourceMap {
  return {
    ...map,
    fromX: map.fromX + (width - 1) * map.acrossX,
    fromY: map.fromY + (width - 1) * map.acrossY,
    acrossX: -map.acrossX,
    acrossY: -map.acrossY,
  };
}

function cropped(map: SourceMap, padding: number, key: number): SourceMap {
  if (padding === 0) return map;
  const x = Math.floor(uniform(key, Draw.cropX) * (2 * padding + 1)) - padding;
  const y = Math.floor(uniform(key, Draw.cropY) * (2 * padding + 1)) - padding;
  return {
    ...map,
    fromX: map.fromX + x * map.acrossX + y * map.downX,
    fromY: map.fromY + x * map.acrossY + y * map.downY,
  };
}

/** The square that is cut out of an image; undefined where the augmentation has none. */
export function cutoutOf(
  { width, height }: Pick<ImageSet, 'width' | 'height'>,
  augmentation: Augmentation | undefined,
  key: number,
): Cutout | undefined {
  const size = augmentation?.cutout ?? 0;
  if (size === 0) return undefined;
  return {
    left: Math.floor(uniform(key, Draw.cutX) * width) - (size >> 1),
    top: Math.floor(uniform(key, Draw.cutY) * height) - (size >> 1),
    size,
  };
}

/**
 * What the 256 values of a channel become where brightness and contrast of image `index` are changed: `table` itself where they
 * are not, else `own`, written anew. Value v becomes contrast x (brightness x v - m) + m, m being the image's mean times
 * brightness, cut to 0 .. 255; then what `table` has for it, by linear interpolation.
 */
export function tableOf(
  set: ImageSet,
  index: number,
  augmentation: Augmentation | undefined,
  key: number,
  table: Float32Array,
  own: Float32Array,
): Float32Array {
  const { brightness = 0, contrast = 0 } = augmentation ?? {};
  if (brightness === 0 && contrast === 0) return table;
  const gain = 1 + spread(brightness, key, Draw.brightness);
  const stretch = 1 + spread(contrast, key, Draw.contrast);
  const size = imageSize(set);
  let sum = 0;
  if (contrast > 0) for (let i = index * size; i < (index + 1) * size; i++) sum += set.pixels[i]!;
  const offset = (1 - stretch) * gain * (sum / size);
  for (let value = 0; value < 256; value++) {
    const changed = Math.max(0, Math.min(255, stretch * gain * value + offset));
    for (let first = 0; first < table.length; first += 256) {
      const [black, white] = [table[first]!, table[first + 255]!];
      own[first + value] = black + ((white - black) * changed) / 255;
    }
  }
  return own;
}

/**
 * Writes image `index` of `set` as floats: channel c of pixel (x, y) to
 * `target[offset + ((y * width + x) * channels + c) * stride]`, as `table[256 c + byte]` (see `normalization`), by its
 * `sourceMap`, `tableOf` and `cutoutOf`: nearest neighbour, and black where the source has no pixel.
 */
export function augmentInto(
  target: Float32Array,
  offset: number,
  stride: number,
  set: ImageSet,
  index: number,
  augmentation: Augmentation | undefined,
  key: number,
  table: Float32Array,
): void {
  const { pixels, height, width, channels = 1 } = set;
  const first = index * imageSize(set);
  const map = sourceMap(set, augmentation, key);
  const cutout = cutoutOf(set, augmentation, key);
  const values = tableOf(set, index, augmentation, key, table, new Float32Array(table.length));
  let rowX = map.fromX;
  let rowY = map.fromY;
  let to = offset;
  for (let y = 0; y < height; y++) {
    let x16 = rowX;
    let y16 = rowY;
    for (let x = 0; x < width; x++) {
      const column = x16 >> FRACTION_BITS;
      const row = y16 >> FRACTION_BITS;
      // Unsigned, so that one comparison catches both ends.
      const isInside = column >>> 0 < width && row >>> 0 < height && !isCut(cutout, x, y);
      const pixel = first + (row * width + column) * channels;
      for (let c = 0; c < channels; c++) {
        target[to] = isInside ? values[256 * c + pixels[pixel + c]!]! : table[256 * c]!;
        to += stride;
      }
      x16 = (x16 + map.acrossX) | 0;
      y16 = (y16 + map.acrossY) | 0;
    }
    rowX = (rowX + map.downX) | 0;
    rowY = (rowY + map.downY) | 0;
  }
}

function isCut(cutout: Cutout | undefined, x: number, y: number): boolean {
  return (
    cutout !== undefined && (x - cutout.left) >>> 0 < cutout.size && (y - cutout.top) >>> 0 < cutout.size
  );
}

/** Uniform in [-limit, limit). */
function spread(limit: number, key: number, counter: number): number {
  return limit * (2 * uniform(key, counter) - 1);
}
