import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createMemoryStream, main, type Transform } from 'assemblyscript/asc';
import { HASH_SECTION, hashOfSources } from '../src/engine/native/sources.ts';
import { bindingsOf } from './support/kernels/bindings.ts';
import { type Program, surfaceOf } from './support/kernels/surface.ts';

/**
 * Compiles assembly/ to build/kernels.wasm, which carries the hash of its sources, and writes the TypeScript side of its exports and
 * descriptors. The compiler itself says what they are: the file cannot be out of step with the kernels.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** That JavaScript cannot call functions of vectors: only kernels call them. */
const VECTOR_WARNING = '112';
/** That the last round of the optimizer, which finds that there is nothing more to gain, made the code a little longer: no fault. */
const CONVERGE_NOTE = 'Last converge was suboptimal.\n';
const BINDINGS = 'src/engine/native/bindings.ts';

const sources = hashOfSources(ROOT)!;
let program: Program | undefined;
let bindings: string | undefined;
const transform = {
  afterInitialize(initialized: Program) {
    program = initialized;
  },
  afterCompile(module: { addCustomSection(name: string, contents: Uint8Array): void }) {
    module.addCustomSection(HASH_SECTION, Buffer.from(sources));
    bindings = bindingsOf(surfaceOf(program!), sources);
  },
};
const { error, stderr } = await main(
  ['--baseDir', ROOT, '--config', 'asconfig.json', '--target', 'release', '--disableWarning', VECTOR_WARNING],
  {
    stderr: createMemoryStream(),
    transforms: [transform as unknown as Transform],
  },
);
process.stderr.write(stderr.toString().replace(CONVERGE_NOTE, ''));
if (error) process.exitCode = 1;
else await writeFile(`${ROOT}/${BINDINGS}`, bindings!);
