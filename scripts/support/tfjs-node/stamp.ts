import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { TensorFlow } from './library.ts';

const stampSchema = z.object({
  schema: z.literal(1),
  tfjsNode: z.string(),
  arch: z.string(),
  libraries: z.array(z.object({ path: z.string(), bytes: z.number(), modified: z.number() })),
});
/** What an installed addon was built from; lies beside its libraries. */
export type Stamp = z.infer<typeof stampSchema>;

/** Describes an addon of `tfjsNode` (a version) linked with `tensorFlow` as it is on disk now. */
export async function describe(tfjsNode: string, arch: string, tensorFlow: TensorFlow): Promise<Stamp> {
  const libraries = await Promise.all(
    tensorFlow.libraries.map(async (path) => {
      const { size, mtimeMs } = await stat(path);
      return { path, bytes: size, modified: Math.trunc(mtimeMs) };
    }),
  );
  return { schema: 1, tfjsNode, arch, libraries };
}

/** The stamp in `file`; undefined where there is none that can be read, which means: build again. */
export async function readStamp(file: string): Promise<Stamp | undefined> {
  try {
    return stampSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether what is installed was built from the same version, processor and, to the byte count and time, libraries. */
export function isCurrent(installed: Stamp | undefined, wanted: Stamp): boolean {
  return installed !== undefined && JSON.stringify(installed) === JSON.stringify(wanted);
}
