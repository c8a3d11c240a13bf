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
  version: '2',
  pooled: '22ad8d38a01dfcab59b7ec0edeaf8f6d84915acca4b48e4fe3a2a236a2cb9a1b',
  windows: '69bb0f34cb0eef57b4a7930295d4ca70d3af3c5d08ab98aacd6d98f12bf84474',
  wide: '3877f881645531f13661a32f900aa2be63cfafb6f3071a2f6211969f7536a20f',
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
