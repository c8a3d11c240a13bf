import { describe, expect, test } from 'vitest';
import { skeleton } from '../../src/iterations/1-skeleton.ts';
import { useNetwork } from '../support/network.ts';
import { FIELD_OF_28 } from '../support/receptive-fields.ts';

describe('the bare skeleton', () => {
  const evidence = useNetwork(skeleton);

  test('has fewer than 10,000 parameters', () => {
    expect(evidence()).toHaveFewerParametersThan(10_000);
  });

  test('has exactly 9,714 parameters', () => {
    expect(evidence()).toHaveParameters(9_714);
  });

  test('sees 28 pixels, layer by layer as in the published table', () => {
    expect(evidence()).toHaveReceptiveField(28);
    expect(evidence()).toHaveReceptiveFieldTable(FIELD_OF_28);
  });

  test('learns: it beats always answering one digit, with a finite and falling loss', () => {
    expect(evidence()).toLearn({ margin: 80, lossRatio: 0.5 });
  });

  test('wastes no channel: each varies over the test images', () => {
    expect(evidence()).toHaveNoDeadChannels();
  });

  test('reaches 99.4 % of the training images in the mean', () => {
    expect(evidence()).toReachTrainAccuracy(99.4, { over: 'mean' });
  });

  test('overfits: over the last five epochs training accuracy is at least 0.18 points above test accuracy in the mean, and 0.05 on every seed', () => {
    expect(evidence()).toOverfitByAtLeast(0.18, { over: 'mean' });
    expect(evidence()).toOverfitByAtLeast(0.05, { label: 'every seed' });
  });
});
