import { describe, expect, test } from 'vitest';
import { lighter } from '../../src/iterations/2-lighter.ts';
import { useNetwork } from '../support/network.ts';
import { FIELD_OF_28 } from '../support/receptive-fields.ts';

describe('the lighter network', () => {
  const evidence = useNetwork(lighter);

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

  test('still overfits: over the last five epochs training accuracy is at least 0.1 points above test accuracy on every seed, and 0.16 in the mean', () => {
    expect(evidence()).toOverfitByAtLeast(0.1);
    expect(evidence()).toOverfitByAtLeast(0.16, { over: 'mean', label: 'in the mean' });
  });
});
