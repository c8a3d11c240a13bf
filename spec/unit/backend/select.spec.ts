import util from 'node:util';
import '../../support/cpu-backend.ts';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { selectBackend } from '../../../src/backend/select.ts';
import { GateError } from '../../../src/errors.ts';

const NODE_PACKAGE = '@tensorflow/tfjs-node';

/** Everything loads as it does, but tfjs-node is `load`. */
function withNode(load: () => unknown): (name: string) => Promise<unknown> {
  return async (name) => (name === NODE_PACKAGE ? load() : import(name));
}

function failing(message: string, code?: string): () => never {
  return () => {
    throw Object.assign(new Error(message), { code });
  };
}

afterEach(() => {
  vi.unstubAllEnvs();
  if (tf.findBackendFactory('tensorflow')) tf.removeBackend('tensorflow');
});

const faults: readonly [string, () => unknown, string][] = [
  [
    'is not installed',
    failing(`Cannot find package '${NODE_PACKAGE}' imported from select.ts`, 'ERR_MODULE_NOT_FOUND'),
    'tfjs-node is not installed',
  ],
  [
    'lacks its addon',
    failing(
      'The Node.js native addon module (tfjs_binding.node) can not be found at path: x\nPlease run npm rebuild',
    ),
    'tfjs-node is installed but a part of it is missing (The Node.js native addon module (tfjs_binding.node) can not be found at path: x)',
  ],
  [
    'lacks a package that it needs',
    failing("Cannot find module '@mapbox/node-pre-gyp'\nRequire stack: y", 'MODULE_NOT_FOUND'),
    "tfjs-node is installed but a part of it is missing (Cannot find module '@mapbox/node-pre-gyp')",
  ],
  [
    'lacks its library',
    failing('libtensorflow.so.2: cannot open shared object file', 'ERR_DLOPEN_FAILED'),
    'tfjs-node is installed but its library does not load (libtensorflow.so.2: cannot open shared object file)',
  ],
  ['is broken', failing('boom'), 'tfjs-node is installed but broken (boom)'],
  [
    'brings a tfjs-core of its own',
    () => ({}),
    'tfjs-node loaded with a copy of tfjs-core of its own (run `npm ls @tensorflow/tfjs-core`)',
  ],
  [
    'loads, but its backend throws',
    () => {
      tf.registerBackend('tensorflow', failing('no device'));
      return {};
    },
    'tfjs-node loaded but its backend does not start',
  ],
];

describe('the backend', () => {
  it.each(faults)('is WASM, and says so in one line, when tfjs-node %s', async (_, load, reason) => {
    const backend = await selectBackend({ importModule: withNode(load) });
    expect(backend).toMatchObject({ name: 'wasm', version: tf.version_core, reason });
    expect(tf.getBackend()).toBe('wasm');
  });

  it.each(faults)('is none when tfjs-node is forced, but %s', async (_, load, reason) => {
    const selected = selectBackend({ force: 'node', importModule: withNode(load) });
    await expect(selected).rejects.toThrow(GateError);
    await expect(selected).rejects.toThrow(
      `GATE_BACKEND=node asks for tfjs-node, but ${reason}. Install it, or unset GATE_BACKEND.`,
    );
  });

  it('is WASM, and the Node version is named, when tfjs-node loads but does not compute', async () => {
    const load = () => {
      tf.registerBackend('tensorflow', tf.findBackendFactory('cpu') as () => tf.KernelBackend);
      return {};
    };
    const backend = await selectBackend({ nodeVersion: '99.1.0', importModule: withNode(load) });
    expect(backend.name).toBe('wasm');
    expect(backend.reason).toMatch(/^tfjs-node loaded but does not compute on Node 99\.1\.0 \(.*'Add'.*\)$/);
  });

  it('gives tfjs-node the function that Node 23 removed, and leaves an existing one alone', async () => {
    const removed = util as { isNullOrUndefined?: unknown };
    const before = removed.isNullOrUndefined;
    const seen: unknown[] = [];
    const look = () => {
      seen.push(removed.isNullOrUndefined);
      throw new Error('boom');
    };
    try {
      delete removed.isNullOrUndefined;
      await selectBackend({ importModule: withNode(look) });
      const own = () => false;
      removed.isNullOrUndefined = own;
      await selectBackend({ importModule: withNode(look) });
      const [given, kept] = seen as [(value: unknown) => boolean, unknown];
      expect([null, undefined, 0, '', false].map(given)).toEqual([true, true, false, false, false]);
      expect(kept).toBe(own);
    } finally {
      removed.isNullOrUndefined = before;
    }
  });

  it('has TensorFlow use oneDNN on one thread, unless the environment says otherwise', async () => {
    const seen: unknown[] = [];
    const look = () => {
      const { TF_ENABLE_ONEDNN_OPTS: oneDnn, TF_NUM_INTRAOP_THREADS: threads } = process.env;
      seen.push({ oneDnn, threads });
      throw new Error('boom');
    };
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', undefined);
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', undefined);
    await selectBackend({ importModule: withNode(look) });
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '0');
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', '2');
    await selectBackend({ importModule: withNode(look) });
    expect(seen).toEqual([
      { oneDnn: '1', threads: '1' },
      { oneDnn: '0', threads: '2' },
    ]);
  });

  it('is tfjs-node where that registers a backend that computes', async () => {
    const load = () => {
      // Stands in for the addon: the cpu backend under the name that tfjs-node takes.
      tf.registerBackend('tensorflow', tf.findBackendFactory('cpu') as () => tf.KernelBackend);
      tf.copyRegisteredKernels('cpu', 'tensorflow');
      return { version: { 'tfjs-node': '4.22.0' } };
    };
    expect(await selectBackend({ importModule: withNode(load) })).toMatchObject({
      name: 'tensorflow',
      version: '4.22.0',
      reason: 'tfjs-node is installed and loads',
    });
    expect(tf.getBackend()).toBe('tensorflow');
  });

  it.each(['wasm', 'cpu'] as const)('is %s when forced, without looking at tfjs-node', async (force) => {
    const backend = await selectBackend({ force, importModule: withNode(failing('was loaded')) });
    expect(backend).toMatchObject({ name: force, reason: `forced by GATE_BACKEND=${force}` });
    expect(tf.getBackend()).toBe(force);
  });

  it('is the first that loads when GATE_BACKEND is empty', async () => {
    const importModule = withNode(failing('boom'));
    expect((await selectBackend({ force: '', importModule })).name).toBe('wasm');
  });

  it('is refused under a name that does not exist', async () => {
    await expect(selectBackend({ force: 'cuda' })).rejects.toThrow(
      'GATE_BACKEND is "cuda", expected one of node, wasm, cpu.',
    );
  });

  it('is none, with both reasons, when WASM does not load either', async () => {
    const selected = selectBackend({ importModule: failing('boom') });
    await expect(selected).rejects.toThrow(GateError);
    await expect(selected).rejects.toThrow(
      'The WASM backend does not load (boom); it was chosen because: tfjs-node is installed but broken (boom).',
    );
  });

  it('has every gradient that training needs', async () => {
    await selectBackend({ force: 'wasm' });
    const [slope] = tf.tidy(() =>
      tf
        .grad((x: tf.Tensor) => tf.sum(tf.square(x)))(tf.tensor1d([3]))
        .dataSync(),
    );
    expect(slope).toBe(6);
  });
});
