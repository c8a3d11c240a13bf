import { describe, expect, test } from 'vitest';
import { smallest } from '../../src/iterations/8-smallest.ts';
import { useNetwork } from '../support/network.ts';
import { FIELD_OF_32 } from '../support/receptive-fields.ts';

describe('the smallest network', () => {
  const evidence = useNetwork(smallest);

  test('has fewer than 5,000 parameters', () => {
    expect(evidence()).toHaveFewerParametersThan(5_000);
  });

  test('has exactly 4,748 parameters', () => {
    expect(evidence()).toHaveParameters(4_748);
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

  test('holds 99.4 % of the test images in the last three epochs on every seed, in the last four on 70 % of all seeds', () => {
    expect(evidence()).toHoldTestAccuracy(99.4, { from: 13, within: 15 });
    expect(evidence()).toHoldTestAccuracy(99.4, {
      from: 12,
      within: 15,
      onShare: 0.7,
      label: 'last four epochs',
    });
  });

  test('ends at or above 99.45 % of the test images in the mean, and at or above 99.4 % on every seed', () => {
    expect(evidence()).toEndAtOrAbove(99.45, { over: 'mean' });
    expect(evidence()).toEndAtOrAbove(99.4, { label: 'every seed' });
  });
});
