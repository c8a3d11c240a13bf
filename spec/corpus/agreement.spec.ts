import { beforeAll, describe, expect, it } from 'vitest';
import { graphOf, multiplyAddsOf } from '../../src/model/graph.ts';
import { type Agreement, agreementOf, isAgreement, useOracle } from './agreement.ts';
import { corpusOf } from './corpus.ts';
import { drawNetwork } from './drawn-networks.ts';
import { oddNetworks } from './odd-networks.ts';
import { ONE_OF, sampleOf } from './sample.ts';
import { networkOfTokens } from './tokens.ts';

const MINUTES = 60_000;
/** Networks that are drawn: always the same first ones, and as many more as of the corpus. */
const DRAWN = Math.ceil(480 / ONE_OF);

/** Above this, multiply-adds an image, the cpu backend takes minutes: such networks are trained on schedule alone. */
const LARGEST = 30e6;
const published = (await sampleOf(corpusOf())).filter(
  (entry) => ONE_OF === 1 || multiplyAddsOf(graphOf(networkOfTokens(entry))) <= LARGEST,
);
const drawn = Array.from({ length: DRAWN }, (_, seed) => ({ seed, ...drawNetwork(seed) }));

beforeAll(useOracle);

describe('the native engine and plain operations train alike: losses of three steps, and an evaluation before and after them,', () => {
  it.each(published)(
    'of the published network $id',
    async (entry) => expectAgreement(await agreementOf(networkOfTokens(entry))),
    60 * MINUTES,
  );

  it.each(drawn)(
    'of drawn network $seed, with batches of $batch',
    async ({ network, batch, steps }) => {
      expectAgreement(await agreementOf(network, { batch, steps }));
    },
    5 * MINUTES,
  );

  it.each(oddNetworks)('of a network with %s', async (_, network, comparison) => {
    expectAgreement(await agreementOf(network, comparison));
  });
});

function expectAgreement(found: Agreement): void {
  expect(isAgreement(found), JSON.stringify(found)).toBe(true);
}
