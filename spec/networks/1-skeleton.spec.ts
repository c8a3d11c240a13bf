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

  test('reaches 99.4 % of the training images', () => {
    expect(evidence()).toReachTrainAccuracy(99.4);
  });

  test('overfits: over the last five epochs training accuracy is at least 0.2 points above test accuracy', () => {
    expect(evidence()).toOverfitByAtLeast(0.2);
  });
});
