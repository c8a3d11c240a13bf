import { describe, expect, test } from 'vitest';
import { dropout } from '../../src/iterations/3-dropout.ts';
import { useNetwork } from '../support/network.ts';
import { FIELD_OF_28 } from '../support/receptive-fields.ts';

describe('the network with dropout', () => {
  const evidence = useNetwork(dropout);

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

  test('hardly overfits any more: over the last five epochs training accuracy is at most 0.05 points above test accuracy in the mean, and 0.15 on every seed', () => {
    expect(evidence()).toOverfitByAtMost(0.05, { over: 'mean' });
    expect(evidence()).toOverfitByAtMost(0.15, { label: 'every seed' });
  });
});
