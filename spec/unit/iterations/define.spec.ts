import { describe, expect, test } from 'vitest';
import { defineIteration, type Iteration } from '../../../src/iterations/define.ts';
import { TINY } from '../../support/tiny-iteration.ts';

const define = (change: object) => () => defineIteration({ ...TINY, ...change } as Iteration);

describe('an iteration', () => {
  test('is what was written down', () => {
    expect(define({})()).toEqual(TINY);
  });

  test.each(['', '..', 'a/b', 'a\\b', '-x', 'a b', '../up'])('cannot have the id "%s"', (id) => {
    expect(define({ id })).toThrow(
      `The id of an iteration: expected an id of letters, digits, dots, hyphens and underscores, such as "1-moons", found ${JSON.stringify(id)}.`,
    );
  });

  test('cannot have a recipe that cannot be', () => {
    const { recipe } = TINY;
    expect(define({ recipe: { ...recipe, epochs: 0 } })).toThrow(/The recipe of "9-tiny".*epochs/s);
    expect(define({ recipe: { ...recipe, learningRate: 0.1 } })).toThrow(
      /The recipe of "9-tiny".*learningRate/s,
    );
  });

  test('cannot have a network whose layers do not fit', () => {
    const layers = [{ type: 'convolution', filters: 4, kernel: 99, padding: 'valid' }];
    expect(define({ network: { ...TINY.network, layers } })).toThrow(/layer 1 .* 99 x 99 window/);
  });
});
