import { open, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GateError } from '../../../src/errors.ts';

/** A TensorFlow that an addon can be linked with. All paths are absolute. */
export interface TensorFlow {
  /** The library with the C API first, then the framework that it needs. */
  readonly libraries: readonly [main: string, framework: string];
  /** Folders for the compiler's -I. */
  readonly includes: readonly string[];
}

const FRAMEWORK = 'libtensorflow_framework.so.2';
/** A wheel's name for the library with the C API (from 2.12 on), then that of Google's libtensorflow archive. */
const MAIN_NAMES = ['libtensorflow_cc.so.2', 'libtensorflow.so.2'];
/** Before 2.12 a wheel keeps the C API in a Python extension that does not load without Python. */
const OLD_MAIN = 'python/_pywrap_tensorflow_internal.so';
/** Headers moved into vendored folders and out again between 2.13 and 2.17. */
const INNER_INCLUDES = ['', 'external/local_tsl', 'external/local_xla'];

const ELF_MACHINES: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };
/** Offset of `e_machine` in an ELF file: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html */
const ELF_MACHINE_OFFSET = 18;

/**
 * Finds the libraries and headers in a folder: a wheel's or site-packages' `tensorflow`, its parent, or an unpacked
 * libtensorflow. Throws GateError that says what is missing or does not fit `arch` (as `process.arch`).
 */
export async function locateTensorFlow(folder: string, arch: string): Promise<TensorFlow> {
  const root = resolve(folder);
  if (!(await exists(root)))
    throw new GateError(`${folder} does not exist: expected a folder with TensorFlow`);
  for (const place of [root, join(root, 'lib'), join(root, 'tensorflow')]) {
    const framework = join(place, FRAMEWORK);
    for (const name of MAIN_NAMES) {
      const main = join(place, name);
      if (!(await exists(main)) || !(await exists(framework))) continue;
      await checkMachine(main, arch);
      await checkMachine(framework, arch);
      return { libraries: [main, framework], includes: await includesOf(place) };
    }
  }
  throw new GateError(
    `${folder} holds no TensorFlow that fits: expected ${MAIN_NAMES.join(' or ')} beside ${FRAMEWORK}, found ${await whatIsThere(root)}. ` +
      'Give a TensorFlow 2.12 or newer for Linux, or let pip fetch one: npm run tfjs-node -- --pip',
  );
}

async function includesOf(place: string): Promise<readonly string[]> {
  for (const include of [join(place, 'include'), join(dirname(place), 'include')]) {
    if (!(await exists(join(include, 'tensorflow/c/eager/c_api.h')))) continue;
    const inner = INNER_INCLUDES.map((name) => join(include, name));
    const found = await Promise.all(inner.map(exists));
    return inner.filter((_, index) => found[index]);
  }
  throw new GateError(
    `${place} holds TensorFlow's libraries but not its headers: expected include/tensorflow/c/eager/c_api.h in it or beside it. ` +
      'Take the whole package or archive.',
  );
}

async function checkMachine(library: string, arch: string): Promise<void> {
  const header = Buffer.alloc(ELF_MACHINE_OFFSET + 2);
  const file = await open(library);
  try {
    await file.read(header, 0, header.length, 0);
  } finally {
    await file.close();
  }
  if (header.subarray(0, 4).toString('latin1') !== '\u007fELF') {
    throw new GateError(
      `${library} is not a Linux library: expected an ELF file. It is damaged, or of another platform.`,
    );
  }
  const machine = header.readUInt16LE(ELF_MACHINE_OFFSET);
  const expected = ELF_MACHINES[arch];
  if (machine === expected) return;
  throw new GateError(
    `${library} is for another processor: expected ${arch} (ELF machine ${expected ?? 'unknown'}), found ELF machine ${machine}. ` +
      `Take the TensorFlow package for Linux on ${arch}.`,
  );
}

async function whatIsThere(root: string): Promise<string> {
  const places = [root, join(root, 'lib'), join(root, 'tensorflow')];
  for (const place of places) {
    if (await exists(join(place, OLD_MAIN)))
      return 'a Python package older than 2.12, which has no C library';
  }
  const names = (await Promise.all(places.map(listed))).flat();
  const libraries = names.filter((name) => /^(lib)?_?tensorflow\S*\.(so|dylib|dll|lib)/.test(name));
  return libraries.length === 0 ? 'no TensorFlow library' : [...new Set(libraries)].toSorted().join(', ');
}

async function listed(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
