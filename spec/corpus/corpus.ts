import { readFileSync } from 'node:fs';
import { z } from 'zod';

const entry = z.object({
  id: z.string(),
  input: z.tuple([z.number(), z.number(), z.number()]),
  /** One token a layer: `tokens.ts`. */
  layers: z.string(),
  /** Trainable, as its author's own summary printed it. */
  parameters: z.number(),
  /** Receptive field, pixels along the height, of the map that the head (global pooling, flatten, dense) reads. */
  fieldBeforeHead: z.number(),
  /** Of the output, the head included. */
  field: z.number(),
});
export type CorpusEntry = z.infer<typeof entry>;

/** The networks of a file: those of `networks.json`, which people published, unless another is named. */
export function corpusOf(file: string | URL = new URL('networks.json', import.meta.url)): CorpusEntry[] {
  return z.array(entry).parse(JSON.parse(readFileSync(file, 'utf8')));
}
