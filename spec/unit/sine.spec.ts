import { describe, expect, it } from 'vitest';
import { cosine, sine } from '../../src/sine.ts';

describe('own sine and cosine', () => {
  it('agree with Math.sin and Math.cos within 1e-13 for two turns either way', () => {
    let worst = 0;
    for (let degrees = -720; degrees <= 720; degrees += 0.37) {
      const radians = (degrees * Math.PI) / 180;
      worst = Math.max(
        worst,
        Math.abs(sine(degrees) - Math.sin(radians)),
        Math.abs(cosine(degrees) - Math.cos(radians)),
      );
    }
    expect(worst).toBeLessThan(1e-13);
  });
});
