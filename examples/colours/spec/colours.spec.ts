import { type Evidence, fit, selectBackend } from 'codecodecode';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildNetwork, RECIPE, SEED } from '../network.ts';
import { drawPictures } from '../pictures.ts';

describe('the network that tells patterns apart in any colours', () => {
  let evidence: Evidence;

  beforeAll(async () => {
    const backend = await selectBackend({ force: 'wasm' });
    const model = buildNetwork();
    const options = { seed: SEED, fresh: true, id: '1-colours', name: 'Colours', backend };
    ({ evidence } = await fit(model, drawPictures(1_600, 400), RECIPE, options));
    model.dispose();
  });

  test('has fewer than 4,000 parameters', () => {
    expect(evidence).toHaveFewerParametersThan(4_000);
  });

  test('learns: it beats always giving one answer, with a finite and falling loss', () => {
    expect(evidence).toLearn({ margin: 40, lossRatio: 0.7 });
  });

  test('ends at or above 90 % of the test pictures', () => {
    expect(evidence).toEndAtOrAbove(90);
  });

  test('is no more than 5 points better on the training pictures', () => {
    expect(evidence).toOverfitByAtMost(5);
  });

  test('wastes no channel', () => {
    expect(evidence).toHaveNoDeadChannels();
  });

  test('is trained by the native engine', () => {
    expect(evidence.runs.map(({ engine }) => engine.name)).toEqual(['wasm']);
  });
});
