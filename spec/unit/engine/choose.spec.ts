import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Backend, selectBackend } from '../../../src/backend/select.ts';
import { buildModel } from '../../../src/model/build.ts';
import { NATIVE_VERSION } from '../../../src/engine/native/engine.ts';
import { createEngine, engineIdentity } from '../../../src/engine/choose.ts';
import { STOCK_VERSION } from '../../../src/engine/stock.ts';
import { NETWORK, RECIPE } from '../../support/tiny-iteration.ts';
import { demandNoTensorsLeft } from '../../support/tensors.ts';

const ours = () => buildModel(NETWORK);
/** A layer that adds to the loss, which the native engine does not know. */
const penalized = () =>
  tfl.sequential({
    layers: [
      tfl.layers.flatten({ inputShape: [28, 28, 1] }),
      tfl.layers.dense({ units: 10, name: 'held', kernelRegularizer: tfl.regularizers.l2({ l2: 0.1 }) }),
    ],
  });

let wasm: Backend;
beforeAll(async () => {
  wasm = await selectBackend({ force: 'wasm' });
});
demandNoTensorsLeft();

describe.each<[string, () => tfl.LayersModel, Backend['name'], object]>([
  [
    'the native one on WASM',
    ours,
    'wasm',
    { name: 'wasm', version: NATIVE_VERSION, reason: "this project's WebAssembly kernels" },
  ],
  [
    'plain operations on WASM for what it cannot run, and says why',
    penalized,
    'wasm',
    {
      name: 'tfjs',
      version: STOCK_VERSION,
      reason: 'plain operations of WASM: layer held: it has a kernelRegularizer',
      note: 'by plain tfjs operations: layer held: it has a kernelRegularizer; many times slower (npm run bench:corpus)',
    },
  ],
  [
    'plain operations on tfjs-node',
    ours,
    'tensorflow',
    { name: 'tfjs', version: STOCK_VERSION, reason: 'plain operations of tensorflow' },
  ],
  [
    'plain operations on cpu',
    ours,
    'cpu',
    { name: 'tfjs', version: STOCK_VERSION, reason: 'plain operations of cpu' },
  ],
])('the engine is %s', (_, build, name, identity) => {
  it('as announced, and as made', async () => {
    const backend = { ...wasm, name };
    const model = build();
    expect(engineIdentity({ backend, model })).toEqual(identity);
    const engine = createEngine({ backend, model, recipe: RECIPE, seed: 1 });
    await engine.ready;
    expect(identity).toMatchObject({ name: engine.name, version: engine.version });
    engine.dispose();
    model.dispose();
  });
});

describe('an engine for evaluation alone', () => {
  it.each(['wasm', 'cpu'] as const)('says so when it is to train (%s)', async (name) => {
    const model = buildModel(NETWORK);
    const engine = createEngine({ backend: { ...wasm, name }, model, recipe: RECIPE, seed: 1 });
    await engine.ready;
    const request = { images: Uint32Array.of(0), epoch: 0, step: 0, learningRate: 0 };
    expect(() => engine.step(request)).toThrow('an engine without training images cannot train');
    engine.dispose();
    model.dispose();
  });
});
