import { createHash } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import type { Network } from '../../src/model/layers.ts';
import { NATIVE_VERSION } from '../../src/native/engine.ts';
import {
  bytesOf,
  EVERYTHING,
  freshModel,
  nativeEngine,
  POOLED,
  takeSteps,
  WIDE,
  WINDOWS,
} from './native-networks.ts';

const STEPS = 20;

/** SHA-256 of the weights after STEPS steps with everything on, by the version that gives them. */
const PINNED = {
  version: '1',
  pooled: '8542bd4cbcf30cc3386913e9325b0fd8b25ec0bcef071e7bea20239bbfeb0787',
  windows: '244c7589a18b83efbed2cff3dd2ac16200cc56282f5f73934f142672a8d5361e',
  wide: '54b28fd7850e117edb5a29ba71b8458c7289f31df46164438813302d85b64b69',
};

beforeAll(() => selectBackend({ force: 'wasm' }));

it.each([
  ['pooled', POOLED],
  ['windows', WINDOWS],
  ['wide', WIDE],
] as const)('the native engine gives the same bits as ever: %s network', async (name, network) => {
  const found = { version: NATIVE_VERSION, sha256: await weightsSha256(network) };
  expect(
    found,
    `The weights of a run have other bits than those pinned for version ${PINNED.version}. If the arithmetic was meant to ` +
      'change: raise NATIVE_VERSION in src/native/engine.ts, pin the new hashes here, and train the records in runs/ anew. ' +
      'If not: find what changed the order or the rounding of an operation.',
  ).toEqual({ version: PINNED.version, sha256: PINNED[name] });
});

async function weightsSha256(network: Network): Promise<string> {
  const model = freshModel(network);
  const engine = await nativeEngine(model, EVERYTHING);
  takeSteps(engine, EVERYTHING, STEPS);
  engine.writeWeights();
  engine.dispose();
  const bytes = bytesOf(model);
  model.dispose();
  return createHash('sha256').update(bytes).digest('hex');
}
