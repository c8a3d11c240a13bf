import { describe, expect, it } from 'vitest';
import {
  type ConvolutionShape,
  convolutionOperations,
  gflops,
  shapeName,
  stepOperations,
} from '../../../scripts/bench/operations.ts';

const SHAPE: ConvolutionShape = {
  height: 12,
  width: 12,
  channels: 8,
  outHeight: 10,
  outWidth: 10,
  filters: 16,
  kernel: 3,
  padding: 0,
};

describe('operations of a convolution', () => {
  it('are two for each of the 9 x 8 weights of 16 filters at 10 x 10 outputs', () => {
    // 10 x 10 outputs x 16 filters x 72 weights = 115,200 multiply-adds.
    expect(convolutionOperations(SHAPE)).toBe(230_400);
  });

  it('of a training step are three times the forward ones of all layers and images', () => {
    // 5 x 5 outputs x 2 filters x 9 weights x 2 = 900.
    const small = { ...SHAPE, channels: 1, filters: 2, outHeight: 5, outWidth: 5 };
    expect(stepOperations([SHAPE, small], 64)).toBe(3 * 64 * (230_400 + 900));
  });

  it('make one GFLOP/s when a million of them take a millisecond', () => {
    expect(gflops(1e6, 1)).toBe(1);
  });

  it('belong to a shape named by what goes in and what comes out', () => {
    expect(shapeName(SHAPE)).toBe('12x12x8 > 10x10x16');
  });
});
