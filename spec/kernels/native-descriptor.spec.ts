import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, surfaceOf } from '../../scripts/support/kernels/surface.ts';
import { SOURCES } from '../../src/engine/native/bindings.ts';
import { descriptorBytes, writeDescriptor } from '../../src/engine/native/descriptor.ts';
import { checkSources, createMemory } from '../../src/engine/native/module.ts';
import { hashOfSources } from '../../src/engine/native/sources.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the kernels', () => {
  const module = new WebAssembly.Module(readFileSync(join(ROOT, 'build/kernels.wasm')));
  let copy: string;
  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'codecodecode-kernels-'));
    await cp(join(ROOT, 'assembly'), join(copy, 'assembly'), { recursive: true });
    await cp(join(ROOT, 'asconfig.json'), join(copy, 'asconfig.json'));
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  it('carry the hash of their sources', () => {
    expect(hashOfSources(copy)).toBe(SOURCES);
    expect(() => checkSources(module, SOURCES, SOURCES)).not.toThrow();
  });

  it('are refused where one character of a source, its name or a setting of the compiler is another', async () => {
    const hashes = new Set([SOURCES]);
    const changed = async (file: string, change: (text: string) => string) => {
      const text = readFileSync(join(copy, file), 'utf8');
      await writeFile(join(copy, file), change(text));
      hashes.add(hashOfSources(copy)!);
      await writeFile(join(copy, file), text);
    };
    await changed('assembly/loss.ts', (text) => text.replace('smoothing', 'smoothinG'));
    await changed('asconfig.json', (text) => text.replace('"optimizeLevel": 3', '"optimizeLevel": 2'));
    await cp(join(copy, 'assembly/loss.ts'), join(copy, 'assembly/other.ts'));
    hashes.add(hashOfSources(copy)!);
    expect(hashes.size).toBe(4);
    for (const hash of [...hashes].slice(1)) {
      expect(() => checkSources(module, hash, SOURCES)).toThrow(
        /not of these sources.*npm run build:kernels/s,
      );
    }
  });

  it('are refused where the bindings, or they themselves, are of another build', () => {
    expect(() => checkSources(module, SOURCES, '0'.repeat(64))).toThrow('bindings.ts from 000');
    const empty = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    expect(() => checkSources(empty, SOURCES, SOURCES)).toThrow('was built from none');
  });

  it('have no sources in an installed package', () => {
    expect(hashOfSources(join(ROOT, 'src'))).toBeUndefined();
  });
});

describe('a descriptor', () => {
  it('is written field by field where the compiler put them', () => {
    const memory = createMemory(65_536);
    const values = { a: 1, aStride: 2, b: 3, bStride: 4, output: 5, outputStride: 6, floats: -7 };
    writeDescriptor(memory, 64, 'add', values);
    expect([...new Int32Array(memory.buffer, 64, 7)]).toEqual([1, 2, 3, 4, 5, 6, -7]);
    expect(descriptorBytes('add')).toBe(32);
  });
});

describe('surfaceOf', () => {
  const type = (name: string, classReference: object | null = null) => ({
    toString: () => name,
    classReference,
  });
  const places = (field: string) => ({
    name: 'Places',
    nextMemoryOffset: 4,
    members: new Map([['x', { instance: { memoryOffset: 0, type: type(field) } }]]),
  });
  const programOf = (field: string, rest: readonly string[]) => {
    const parameters = ['d', ...rest].map((text) => ({ name: { text } }));
    const parameterTypes = [type('Places', places(field)), ...rest.map(() => type('i32'))];
    const instances = new Map([['', { signature: { parameterTypes, returnType: type('void') } }]]);
    const exports = new Map([['kernel', { declaration: { signature: { parameters } }, instances }]]);
    return { filesByName: new Map([['assembly/index', { exports }]]) } as unknown as Program;
  };

  it('tells kernels for blocks from those that run once', () => {
    const kinds = [
      ['block', 'live', 'shard', 'thread'],
      ['thread', 'threads'],
    ].map((rest) => surfaceOf(programOf('usize', rest)).functions[0]!.kind);
    expect(kinds).toEqual(['block', 'once']);
  });

  it('refuses a kernel with other parameters and a field that cannot be written', () => {
    expect(() => surfaceOf(programOf('usize', ['block', 'thread']))).toThrow(
      'kernel takes a descriptor, but neither',
    );
    expect(() => surfaceOf(programOf('u8', ['thread', 'threads']))).toThrow('Places.x is of type u8');
  });
});
