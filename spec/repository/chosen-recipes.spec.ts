import { describe, expect, test } from 'vitest';
import { readLog } from '../../scripts/recipes/log.ts';
import { findIteration } from '../../src/iterations/index.ts';

describe('the recipes that were chosen', () => {
  test.each([
    ['5-lr-scheduler', '5-L5W-wd5'],
    ['6-receptive-field', '6-L5W-wd5'],
    ['7-weight-averaging', '7-hill-averaged'],
    ['8-smallest', '8-c4748-averaged'],
    ['9-separable', '9-sep26-averaged'],
  ])('%s is what was tried on the validation split as %s', (id, name) => {
    const { network, recipe } = findIteration(id);
    const tried = readLog().candidates.find(({ candidate }) => candidate === name);
    expect(tried).toMatchObject({ network, recipe });
  });
});
