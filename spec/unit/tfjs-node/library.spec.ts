import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locateTensorFlow } from '../../../scripts/support/tfjs-node/library.ts';

const X64 = 62;
const ARM64 = 183;
const HEADER = 'tensorflow/c/eager/c_api.h';
const FRAMEWORK = 'libtensorflow_framework.so.2';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tensorflow-'));
});
afterEach(() => rm(root, { recursive: true }));

test('site-packages are found by the tensorflow folder in them', async () => {
  await lay({
    'tensorflow/libtensorflow_cc.so.2': elf(X64),
    [`tensorflow/${FRAMEWORK}`]: elf(X64),
    [`tensorflow/include/${HEADER}`]: '',
  });
  const expected = {
    libraries: [join(root, 'tensorflow/libtensorflow_cc.so.2'), join(root, 'tensorflow', FRAMEWORK)],
    includes: [join(root, 'tensorflow/include')],
  };
  expect(await locateTensorFlow(root, 'x64')).toEqual(expected);
  expect(await locateTensorFlow(join(root, 'tensorflow'), 'x64')).toEqual(expected);
});

test("an unpacked libtensorflow is found by its lib folder, its headers beside that, arm64's too", async () => {
  await lay({
    'lib/libtensorflow.so.2': elf(ARM64),
    [`lib/${FRAMEWORK}`]: elf(ARM64),
    [`include/${HEADER}`]: '',
  });
  const found = await locateTensorFlow(root, 'arm64');
  expect(found.libraries[0]).toBe(join(root, 'lib/libtensorflow.so.2'));
  expect(found.includes).toEqual([join(root, 'include')]);
});

test('headers that some versions keep in vendored folders are included', async () => {
  await lay({
    'libtensorflow_cc.so.2': elf(X64),
    [FRAMEWORK]: elf(X64),
    [`include/${HEADER}`]: '',
    'include/external/local_tsl/tsl/platform/ctstring.h': '',
  });
  const { includes } = await locateTensorFlow(root, 'x64');
  expect(includes).toEqual([join(root, 'include'), join(root, 'include/external/local_tsl')]);
});

test('a folder that does not exist is named', async () => {
  await expect(locateTensorFlow(join(root, 'nowhere'), 'x64')).rejects.toThrow(/nowhere does not exist/);
});

test('an empty folder is told apart from one with libraries that do not fit', async () => {
  await expect(locateTensorFlow(root, 'x64')).rejects.toThrow(/found no TensorFlow library/);
  await lay({ 'lib/libtensorflow.so.1': elf(X64), 'lib/libtensorflow.2.dylib': '' });
  await expect(locateTensorFlow(root, 'x64')).rejects.toThrow(
    /found libtensorflow\.2\.dylib, libtensorflow\.so\.1\. Give a TensorFlow 2\.12 or newer/,
  );
});

test('a package from before 2.12 is said to be too old', async () => {
  await lay({ [FRAMEWORK]: elf(X64), 'python/_pywrap_tensorflow_internal.so': elf(X64) });
  await expect(locateTensorFlow(root, 'x64')).rejects.toThrow(/older than 2\.12, which has no C library/);
});

test('libraries without headers are refused', async () => {
  await lay({ 'libtensorflow_cc.so.2': elf(X64), [FRAMEWORK]: elf(X64) });
  await expect(locateTensorFlow(root, 'x64')).rejects.toThrow(
    /not its headers: expected include\/tensorflow\/c/,
  );
});

test('a library of another processor is refused', async () => {
  await lay({ 'libtensorflow_cc.so.2': elf(ARM64), [FRAMEWORK]: elf(ARM64), [`include/${HEADER}`]: '' });
  await expect(locateTensorFlow(root, 'x64')).rejects.toThrow(
    /expected x64 \(ELF machine 62\), found ELF machine 183/,
  );
});

test('a framework of another processor is refused too', async () => {
  await lay({ 'libtensorflow_cc.so.2': elf(X64), [FRAMEWORK]: elf(ARM64), [`include/${HEADER}`]: '' });
  await expect(locateTensorFlow(root, 'x64')).rejects.toThrow(
    /libtensorflow_framework.* is for another processor/,
  );
});

test('a file that is no library, or is cut off, is refused', async () => {
  await lay({ 'libtensorflow_cc.so.2': 'no library', [FRAMEWORK]: elf(X64), [`include/${HEADER}`]: '' });
  await expect(locateTensorFlow(root, 'x64')).rejects.toThrow(/is not a Linux library: expected an ELF file/);
  await lay({ 'libtensorflow_cc.so.2': '' });
  await expect(locateTensorFlow(root, 'x64')).rejects.toThrow(/is not a Linux library: expected an ELF file/);
});

async function lay(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

/** The first bytes of an ELF file for a processor. */
function elf(machine: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write('\u007fELF', 'latin1');
  bytes.writeUInt16LE(machine, 18);
  return bytes;
}
