import { type Evidence, evidenceOfOnnx, loadMnist } from 'codecodecode';
import { beforeAll, describe, expect, test } from 'vitest';

describe('the network that PyTorch trained', () => {
  let evidence: Evidence;

  beforeAll(async () => {
    evidence = await evidenceOfOnnx({
      id: '1-pytorch',
      name: 'LR scheduler, in PyTorch',
      model: 'net.onnx',
      log: 'log.csv',
      data: await loadMnist(),
      normalization: { mean: [0.1307], std: [0.3081] },
      recipe: { batch: 64, momentum: 0.9, weightDecay: 5e-4, rotation: 15, scale: 0.15, shift: 1.5 },
    });
  });

  test('has exactly 7,826 parameters', () => {
    expect(evidence).toHaveParameters(7_826);
  });

  test('sees 28 pixels', () => {
    expect(evidence).toHaveReceptiveField(28);
  });

  test('learns: it beats always answering one digit, with a finite and falling loss', () => {
    expect(evidence).toLearn({ margin: 80, lossRatio: 0.5 });
  });

  test('wastes no channel: each varies over the test images', () => {
    expect(evidence).toHaveNoDeadChannels();
  });

  test('holds 99.4 % of the test images in every epoch from 6 to 15', () => {
    expect(evidence).toHoldTestAccuracy(99.4, { from: 6, within: 15 });
  });

  test('no longer bounces from epoch 6 on', () => {
    expect(evidence).toNeverDropByMoreThan(0.15, { from: 6 });
  });

  test('ends at or above 99.4 % of the test images', () => {
    expect(evidence).toEndAtOrAbove(99.4);
  });
});
