import { BINARY } from './binary.ts';
import { blobKind } from './blobs.ts';
import { DOCUMENTS } from './documents.ts';
import { IMAGES } from './images.ts';
import type { Kind, Tally } from './kind.ts';
import { wordKinds } from './words.ts';

/** Everything that is tried. */
export async function kinds(): Promise<readonly Kind[]> {
  return [...BINARY, ...IMAGES, ...DOCUMENTS, await blobKind(), ...(await wordKinds())];
}

/** `inputs` of them altogether, the same number of each kind, one more where it does not come out even. */
export function tryKind(
  kind: Kind,
  inputs: number,
  { of, seed }: { readonly of: number; readonly seed: number },
): Promise<Tally> {
  return kind.tryOut(Math.ceil(inputs / of), seed);
}
