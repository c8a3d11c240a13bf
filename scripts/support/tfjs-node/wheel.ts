import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { $, echo } from 'zx';
import { GateError } from '../../../src/errors.ts';

/** The smallest download (187 MB) of those tried whose C API tfjs-node 4.22 was seen to work with: docs/tfjs-node.md. */
const PIP_VERSION = '2.13.1';
const PIP_PACKAGE = 'tensorflow-cpu';
/** Only the libraries and headers are used, so any Python's wheel does; this one exists for the version above. */
const PIP_TAGS = ['--python-version', '3.10', '--platform', 'manylinux_2_17_x86_64'];
/** From this version on a wheel carries the C API in a library of its own. */
const FIRST_MINOR = 12;
const WHEEL_ARCH: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** Unpacks what an addon needs, a third of the wheel's bytes, without importing anything. Arguments: wheel, folder. */
const UNPACK = `
import sys, zipfile
keep = ('tensorflow/libtensorflow', 'tensorflow/include/tensorflow/c/', 'tensorflow/include/tensorflow/core/platform/c',
        'tensorflow/include/tensorflow/tsl/', 'tensorflow/include/tensorflow/compiler/xla/tsl/c/',
        'tensorflow/include/tsl/', 'tensorflow/include/xla/tsl/', 'tensorflow/include/external/local_tsl/')
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(keep)])
`;

/** Throws GateError for a wheel that is not TensorFlow 2.12 or newer for Linux on `arch` (as `process.arch`). */
export function checkWheelName(file: string, arch: string): void {
  const name = basename(file);
  const [, distribution, major, minor, platform] =
    /^(tensorflow(?:_\w+)?)-(\d+)\.(\d+)[^-]*-[^-]+-[^-]+-(.+)\.whl$/.exec(name) ?? [];
  const wanted = WHEEL_ARCH[arch] ?? arch;
  const expected = `expected one like tensorflow_cpu-${PIP_VERSION}-...-manylinux..._${wanted}.whl`;
  if (!distribution)
    throw new GateError(`${name} is not a TensorFlow wheel: ${expected}. Give another file.`);
  if (Number(major) !== 2 || Number(minor) < FIRST_MINOR) {
    throw new GateError(
      `${name} does not fit tfjs-node 4.22: expected TensorFlow 2.${FIRST_MINOR} or newer of major version 2, found ${major}.${minor}. Give another wheel.`,
    );
  }
  if (!platform?.includes('linux') || !platform.includes(wanted)) {
    throw new GateError(
      `${name} is for another platform: expected Linux on ${wanted}, found ${platform}. Give another wheel.`,
    );
  }
}

/** Unpacks a wheel into the cache, unless it is there, and returns the folder that holds `tensorflow`. */
export async function unpackWheel(file: string, cache: string, python: string): Promise<string> {
  await stat(file).catch(() => {
    throw new GateError(`${file} does not exist: expected a TensorFlow wheel`);
  });
  const target = join(resolve(cache), basename(file, '.whl'));
  if (await holdsFiles(target)) return target;
  return inTemporary(cache, async (temporary) => {
    echo(`Unpacking ${basename(file)}`);
    const result = await $({ nothrow: true, quiet: true })`${python} -c ${UNPACK} ${file} ${temporary}`;
    if (result.exitCode !== 0) {
      throw new GateError(
        `${file} does not unpack (${lastLine(result.stderr)}): it is damaged or the disk is full (700 MB are needed).`,
      );
    }
    await rename(temporary, target);
    return target;
  });
}

/** TensorFlow's CPU wheel through pip, once: the folder that holds `tensorflow`. */
export async function fetchWheel(cache: string, python: string, arch: string): Promise<string> {
  if (arch !== 'x64') {
    throw new GateError(
      `--pip knows a wheel for x64 only, found ${arch}. Install a TensorFlow 2.12 or newer yourself and give --site-packages DIR.`,
    );
  }
  const cached = await cachedWheel(cache);
  if (cached) {
    echo(`TensorFlow is cached in ${cached}`);
    return cached;
  }
  return inTemporary(cache, async (temporary) => {
    echo(`Downloading ${PIP_PACKAGE} ${PIP_VERSION} with pip`);
    const pip = $({ nothrow: true, stdio: 'inherit' });
    const options = [
      '--no-deps',
      '--only-binary=:all:',
      '--disable-pip-version-check',
      ...PIP_TAGS,
      '--dest',
      temporary,
    ];
    const { exitCode } = await pip`${python} -m pip download ${options} ${PIP_PACKAGE}==${PIP_VERSION}`;
    const wheel = (await readdir(temporary)).find((name) => name.endsWith('.whl'));
    if (exitCode !== 0 || wheel === undefined) {
      throw new GateError(
        `pip did not download ${PIP_PACKAGE} ${PIP_VERSION} (exit code ${exitCode}; its message is above). ` +
          'Check the network and the package index, or give --wheel FILE or --lib DIR.',
      );
    }
    return unpackWheel(join(temporary, wheel), cache, python);
  });
}

async function cachedWheel(cache: string): Promise<string | undefined> {
  const prefix = `${PIP_PACKAGE.replace('-', '_')}-${PIP_VERSION}-`;
  const names = await readdir(cache).catch(() => []);
  const name = names.find((candidate) => candidate.startsWith(prefix));
  return name === undefined ? undefined : join(resolve(cache), name);
}

/** Runs `work` with a new folder beside what it makes, so that the result can be renamed; the folder goes in any case. */
async function inTemporary<Result>(
  cache: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(cache, { recursive: true });
  const temporary = await mkdtemp(join(resolve(cache), 'tmp-'));
  try {
    return await work(temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function holdsFiles(folder: string): Promise<boolean> {
  return readdir(folder).then(
    (names) => names.length > 0,
    () => false,
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
