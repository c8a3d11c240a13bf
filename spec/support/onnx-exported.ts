import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A network of the corpus as PyTorch exported it, what its author counted, and what PyTorch answers to two images. */
const toldSchema = z.object({
  id: z.string(),
  input: z.tuple([z.number(), z.number(), z.number()]),
  layers: z.string(),
  parameters: z.number(),
  fieldBeforeHead: z.number(),
  field: z.number(),
  torch: z.string(),
  exporter: z.enum(['dynamo', 'optimized', 'torchscript']),
  /** [2, channels, height, width] */
  images: z.array(z.number()),
  answers: z.array(z.number()),
});
export type Exported = z.infer<typeof toldSchema> & { readonly file: string };

/** The exports in a folder: the few committed ones, or those of `make.py` that ONNX_EXPORTS names. */
export function exportsIn(folder: string = process.env['ONNX_EXPORTS'] ?? FIXTURES): Exported[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => {
      const file = path.join(folder, name);
      return { ...toldSchema.parse(JSON.parse(readFileSync(file.replace(/onnx$/, 'json'), 'utf8'))), file };
    });
}

export const FIXTURES = fileURLToPath(new URL('../fixtures/elsewhere/onnx', import.meta.url));
