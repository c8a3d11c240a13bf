import { describe, expect, test } from 'vitest';
import { lrScheduler } from '../../src/iterations/5-lr-scheduler.ts';
import { useNetwork } from '../support/network.ts';
import { FIELD_OF_28 } from '../support/receptive-fields.ts';

describe('the network with a learning rate schedule', () => {
  const evidence = useNetwork(lrScheduler);

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

  test('holds 99.4 % of the test images in every epoch from 7 to 15, on 70 % of all seeds', () => {
    expect(evidence()).toHoldTestAccuracy(99.4, { from: 7, within: 15, onShare: 0.7 });
  });

  test('ends at or above 99.5 % of the test images in the mean, and at or above 99.4 % on every seed', () => {
    expect(evidence()).toEndAtOrAbove(99.5, { over: 'mean' });
    expect(evidence()).toEndAtOrAbove(99.4, { label: 'every seed' });
  });

  test('no longer bounces from epoch 6 on', () => {
    expect(evidence()).toNeverDropByMoreThan(0.15, { from: 6 });
  });
});
