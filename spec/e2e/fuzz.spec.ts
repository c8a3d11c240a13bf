import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { GateError } from '../../src/errors.ts';
import { kindOf } from '../../scripts/support/fuzz/kind.ts';
import { kinds, tryKind } from '../../scripts/support/fuzz/kinds.ts';

/** Altogether; `npm run fuzz -- --inputs 100000` tries more. */
const INPUTS = 2_000;
const ALL = await kinds();

describe(
  'what is read from outside is refused with a message, or is what it says',
  { timeout: 60_000 },
  () => {
    it.each(ALL.map((kind) => [kind.name, kind] as const))('%s', async (_, kind) => {
      const { fault, inputs, accepted, refused } = await tryKind(kind, INPUTS, { of: ALL.length, seed: 1 });
      expect(fault).toBeUndefined();
      expect(accepted + refused).toBe(inputs);
      expect(inputs).toBeGreaterThanOrEqual(INPUTS / ALL.length);
    });
  },
);

describe('fuzzing', () => {
  const faultOf = async (read: (input: number) => number) => {
    const { fault } = await kindOf('numbers', fc.nat(9), read, (value, input) => value === input).tryOut(
      50,
      1,
    );
    return fault?.what;
  };

  it('finds what is read as something else, and what is thrown but no GateError of one message', async () => {
    expect(await faultOf((input) => input)).toBeUndefined();
    expect(await faultOf((input) => Math.min(input, 8))).toBe('wrong acceptance');
    const thrown = (error: Error) =>
      faultOf(() => {
        throw error;
      });
    expect(await thrown(new GateError('no number'))).toBeUndefined();
    expect(await thrown(new TypeError('x is undefined'))).toBe('crash');
    expect(await thrown(new GateError(new Error('x').stack!))).toBe('crash');
    expect(await thrown(new GateError(' '))).toBe('crash');
  });
});
