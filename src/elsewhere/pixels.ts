import { type ImageSet, imageSize } from '../data/dataset.ts';
import type { Layout } from '../onnx/value.ts';

/** Images `from` to `from + count` of a set as floats, by what `normalization` makes of the bytes of each channel. */
export function pixelsOf(
  set: ImageSet,
  from: number,
  count: number,
  table: Float32Array,
  layout: Layout,
): Float32Array {
  const { channels = 1 } = set;
  const size = imageSize(set);
  const positions = size / channels;
  const pixels = new Float32Array(count * size);
  for (let image = 0; image < count; image++) {
    const first = (from + image) * size;
    for (let i = 0; i < size; i++) {
      const channel = i % channels;
      const at = layout === 'last' ? i : channel * positions + (i - channel) / channels;
      pixels[image * size + at] = table[channel * 256 + set.pixels[first + i]!]!;
    }
  }
  return pixels;
}
