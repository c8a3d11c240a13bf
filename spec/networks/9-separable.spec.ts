import { describe, expect, test } from 'vitest';
import { separable } from '../../src/iterations/9-separable.ts';
import { useNetwork } from '../support/network.ts';
import { FIELD_OF_32_SEPARABLE } from '../support/receptive-fields.ts';

describe('the network of separable convolutions', () => {
  const evidence = useNetwork(separable);

  test('has fewer than 4,000 parameters', () => {
    expect(evidence()).toHaveFewerParametersThan(4_000);
  });

  test('has exactly 3,898 parameters', () => {
    expect(evidence()).toHaveParameters(3_898);
  });

  test('sees 32 pixels, layer by layer as worked out by hand', () => {
    expect(evidence()).toHaveReceptiveField(32);
    expect(evidence()).toHaveReceptiveFieldTable(FIELD_OF_32_SEPARABLE);
  });

  test('learns: it beats always answering one digit, with a finite and falling loss', () => {
    expect(evidence()).toLearn({ margin: 80, lossRatio: 0.5 });
  });

  test('wastes no channel on 75 % of all seeds: each varies over the test images', () => {
    expect(evidence()).toHaveNoDeadChannels({ onShare: 0.75 });
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
