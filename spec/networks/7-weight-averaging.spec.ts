import { describe, expect, test } from 'vitest';
import { weightAveraging } from '../../src/iterations/7-weight-averaging.ts';
import { useNetwork } from '../support/network.ts';
import { FIELD_OF_32 } from '../support/receptive-fields.ts';

describe('the network whose weights are averaged', () => {
  const evidence = useNetwork(weightAveraging);

  test('has fewer than 8,000 parameters', () => {
    expect(evidence()).toHaveFewerParametersThan(8_000);
  });

  test('has exactly 7,946 parameters', () => {
    expect(evidence()).toHaveParameters(7_946);
  });

  test('sees 32 pixels, layer by layer as in the published table', () => {
    expect(evidence()).toHaveReceptiveField(32);
    expect(evidence()).toHaveReceptiveFieldTable(FIELD_OF_32);
  });

  test('learns: it beats always answering one digit, with a finite and falling loss', () => {
    expect(evidence()).toLearn({ margin: 80, lossRatio: 0.5 });
  });

  test('wastes no channel: each varies over the test images', () => {
    expect(evidence()).toHaveNoDeadChannels();
  });

  test('holds 99.4 % of the test images in every epoch from 5 to 15, on every seed', () => {
    expect(evidence()).toHoldTestAccuracy(99.4, { from: 5, within: 15 });
  });

  test('ends at or above 99.55 % of the test images in the mean, and at or above 99.48 % on every seed', () => {
    expect(evidence()).toEndAtOrAbove(99.55, { over: 'mean' });
    expect(evidence()).toEndAtOrAbove(99.48, { label: 'every seed' });
  });
});
