import { describe, expect, it } from 'vitest';
import { cosine, sine } from '../../src/sine.ts';

describe('own sine and cosine', () => {
  it('agree with Math.sin and Math.cos within 1e-13 for two turns either way', () => {
    for (let degrees = -720; degrees <= 720; degrees += 0.37) {
      const radians = (degrees * Math.PI) / 180;
      expect(Math.abs(sine(degrees) - Math.sin(radians))).toBeLessThan(1e-13);
      expect(Math.abs(cosine(degrees) - Math.cos(radians))).toBeLessThan(1e-13);
    }
  });
});
