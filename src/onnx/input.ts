import { GateError } from '../errors.ts';
import type { Network } from '../model/layers.ts';
import type { OnnxFile } from './file.ts';
import type { Layout } from './value.ts';

/** Height, width and channels of the images that a file is to read: what one with free sizes leaves open. */
export type ImageSize = Network['input'];

/** The image that a file reads. Throws GateError where it reads none, or one of unknown size. */
export function inputOf(
  { file, inputs }: OnnxFile,
  images: ImageSize | undefined,
): { readonly input: ImageSize; readonly layout: Layout; readonly name: string } {
  const [first] = inputs;
  if (first === undefined || inputs.length > 1) {
    throw new GateError(
      `${file} has ${inputs.length} inputs: expected one, of images. Export the network without the others.`,
    );
  }
  const sizes = first.sizes ?? [];
  const found = `[${sizes.map((size) => size ?? 'any').join(', ')}]`;
  if (sizes.length !== 4) {
    throw new GateError(
      `${file} reads ${found}: expected images, [batch, channels, height, width] or [batch, height, width, channels].`,
    );
  }
  for (const layout of layoutsOf(sizes, images)) {
    const order = layout === 'first' ? ([2, 3, 1] as const) : ([1, 2, 3] as const);
    const input = order.map((axis, i) => sizes[axis] ?? images?.[i]) as (number | undefined)[];
    if (input.every((size) => size !== undefined)) {
      return { input: input as unknown as ImageSize, layout, name: first.name };
    }
  }
  throw new GateError(
    `${file} reads ${found}${images ? `, but the images are ${images.join(' x ')}` : ''}: expected images of known size. Export it with an example of the images' size, the batch alone left free.`,
  );
}

/** With images: the layouts in which the file could read them. Without: channels come last where the last size is 1, 3 or 4 alone. */
function layoutsOf(sizes: readonly (number | null)[], images: ImageSize | undefined): readonly Layout[] {
  if (images === undefined) {
    const looksLast = [1, 3, 4].includes(sizes[3] ?? 0) && ![1, 3, 4].includes(sizes[1] ?? 0);
    return [looksLast ? 'last' : 'first'];
  }
  const [height, width, channels] = images;
  const fits = (wanted: readonly number[]) =>
    wanted.every((size, i) => sizes[i + 1] === null || sizes[i + 1] === size);
  return [
    ...(fits([channels, height, width]) ? (['first'] as const) : []),
    ...(fits([height, width, channels]) ? (['last'] as const) : []),
  ];
}
