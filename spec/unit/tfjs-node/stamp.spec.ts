import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TensorFlow } from '../../../scripts/support/tfjs-node/library.ts';
import { describe, isCurrent, readStamp } from '../../../scripts/support/tfjs-node/stamp.ts';

let folder: string;
let tensorFlow: TensorFlow;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stamp-'));
  tensorFlow = { libraries: [join(folder, 'main.so'), join(folder, 'framework.so')], includes: [] };
  for (const library of tensorFlow.libraries) await writeFile(library, 'library');
});
afterEach(() => rm(folder, { recursive: true }));

test('what was written and read again is current', async () => {
  const stamp = await describe('4.22.0', 'x64', tensorFlow);
  const file = join(folder, 'stamp.json');
  await writeFile(file, JSON.stringify(stamp));
  expect(isCurrent(await readStamp(file), await describe('4.22.0', 'x64', tensorFlow))).toBe(true);
});

test('another version or processor is not current', async () => {
  const stamp = await describe('4.22.0', 'x64', tensorFlow);
  expect(isCurrent(stamp, await describe('4.23.0', 'x64', tensorFlow))).toBe(false);
  expect(isCurrent(stamp, await describe('4.22.0', 'arm64', tensorFlow))).toBe(false);
});

test('libraries that were replaced are not current, by size or by time', async () => {
  const stamp = await describe('4.22.0', 'x64', tensorFlow);
  await utimes(tensorFlow.libraries[1], 1_000, 1_000);
  expect(isCurrent(stamp, await describe('4.22.0', 'x64', tensorFlow))).toBe(false);
  const touched = await describe('4.22.0', 'x64', tensorFlow);
  await writeFile(tensorFlow.libraries[1], 'another library');
  await utimes(tensorFlow.libraries[1], 1_000, 1_000);
  expect(isCurrent(touched, await describe('4.22.0', 'x64', tensorFlow))).toBe(false);
});

test('a missing, damaged or foreign stamp means: build again', async () => {
  const wanted = await describe('4.22.0', 'x64', tensorFlow);
  const file = join(folder, 'stamp.json');
  expect(isCurrent(await readStamp(file), wanted)).toBe(false);
  for (const text of ['{"schema":1', '{}', JSON.stringify({ ...wanted, schema: 2 })]) {
    await writeFile(file, text);
    expect(isCurrent(await readStamp(file), wanted)).toBe(false);
  }
});
