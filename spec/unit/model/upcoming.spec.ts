import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { readLog } from '../../../scripts/recipes/log.ts';
import { selectBackend } from '../../../src/backend/select.ts';
import { valueOr } from '../../../src/fact.ts';
import { findIteration, iterations, upcoming } from '../../../src/iterations/index.ts';
import { buildModel } from '../../../src/model/build.ts';
import { modelFacts } from '../../../src/model/facts.ts';

beforeAll(() => selectBackend({ force: 'cpu' }));

describe('the iterations to come', () => {
  test.each([
    [7, 7_946, 32],
    [8, 3_828, 28],
  ])('%i has %i parameters and a field of %i', (number, parameters, field) => {
    const { id, network } = findIteration(number);
    const model = buildModel(network, { name: id });
    const facts = modelFacts(model);
    model.dispose();
    expect(valueOr(facts.parameters, undefined)).toBe(parameters);
    expect(valueOr(facts.receptiveField, undefined)).toEqual({ height: field, width: field });
  });

  test('are not among those that are gated, and the lock promises nothing of them', () => {
    const lock = readFileSync('spec/targets.lock.json', 'utf8');
    for (const { id } of upcoming) {
      expect(iterations.map((each) => each.id)).not.toContain(id);
      expect(lock).not.toContain(id);
    }
  });

  test.each([
    ['5-lr-scheduler', '5-L5W-wd5'],
    ['6-receptive-field', '6-L5W-wd5'],
    ['7-weight-averaging', '6-L5W-wd5-averaged'],
    ['8-smallest', '8-L13N-wd5-averaged'],
  ])('%s is what was tried on the validation split as %s', (id, name) => {
    const { network, recipe } = findIteration(id);
    const tried = readLog().candidates.find(({ candidate }) => candidate === name);
    expect(tried).toMatchObject({ network, recipe });
  });
});
