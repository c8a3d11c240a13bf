import { expect, it } from 'vitest';
import { createMemory, FIRST_FREE_ADDRESS, loadKernels } from '../../../src/engine/native/module.ts';
import { peakMeter } from '../../../scripts/bench/peak.ts';

it('keeps the registers of multiplyAdds at its fixed point, far from overflow and from denormal numbers', () => {
  const { multiplyAdds } = loadKernels(createMemory(FIRST_FREE_ADDRESS));
  // x = 0.5 + 0.5 x holds at 1; the sum is over twelve registers.
  expect(multiplyAdds(100, 0.5)).toBe(12);
});

it('measures a peak that a processor of this age can have', () => {
  const peak = peakMeter(20_000)();
  expect(peak).toBeGreaterThan(0.1);
  expect(peak).toBeLessThan(1000);
});
