import { createHash } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { selectBackend } from '../../src/backend/select.ts';
import type { Network } from '../../src/model/layers.ts';
import { NATIVE_VERSION } from '../../src/engine/native/engine.ts';
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
  version: '3',
  pooled: 'aeae68c5ea7b4f143630fc4c2c97c9d609d1a44cbf61ecab83a2c8aeada48244',
  windows: '1afbc6a0e3e24fa9a68bb926b22e2e9d84e646a30a244e200bc274b07fd154e2',
  wide: 'be983c169880ed5d6568f83041a0a532c930726007def6cd242c95791567f0c9',
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
      'change: raise NATIVE_VERSION in src/engine/native/engine.ts, pin the new hashes here, and train the records in runs/ anew. ' +
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
