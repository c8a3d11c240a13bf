import { describe, expect, test } from 'vitest';
import { figureSchema, toPlain } from '../../src/figure.ts';

describe('a figure in JSON (A3)', () => {
  test.each([NaN, Infinity, -Infinity, 0, -0.5, 1e300])('is read as it was written: %d', (figure) => {
    const text = JSON.stringify(toPlain({ losses: [figure] }));
    expect(text).not.toContain('null');
    const [read] = (JSON.parse(text) as { losses: unknown[] }).losses;
    expect(figureSchema.parse(read)).toBe(figure);
  });

  test.each([null, 'nan', '1', '', 'toString', true, undefined])('is not made of %j', (value) => {
    expect(figureSchema.safeParse(value).success).toBe(false);
  });
});
