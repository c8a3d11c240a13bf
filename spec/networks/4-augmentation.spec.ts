import { describe, expect, test } from 'vitest';
import { augmentation } from '../../src/iterations/4-augmentation.ts';
import { useNetwork } from '../support/network.ts';
import { FIELD_OF_28 } from '../support/receptive-fields.ts';

describe('the network with augmentation', () => {
  const evidence = useNetwork(augmentation);

  test('has fewer than 8,000 parameters', () => {
    expect(evidence()).toHaveFewerParametersThan(8_000);
  });

  test('has exactly 7,826 parameters', () => {
    expect(evidence()).toHaveParameters(7_826);
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

  test('has training accuracy below test accuracy, by 0.2 points on every seed and 0.9 in the mean: the training images are the harder ones', () => {
    expect(evidence()).toOverfitByAtMost(-0.2);
    expect(evidence()).toOverfitByAtMost(-0.9, { over: 'mean', label: 'in the mean' });
  });

  test('ends at or above 99.2 % of the test images in the mean, and at or above 99 % on every seed', () => {
    expect(evidence()).toEndAtOrAbove(99.2, { over: 'mean' });
    expect(evidence()).toEndAtOrAbove(99, { label: 'every seed' });
  });
});
