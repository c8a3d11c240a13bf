import { describe, expect, it } from 'vitest';
import { findIteration, iterations } from '../../../src/iterations/index.ts';

/** The published ladder; whoever adds iterations of their own adds them behind it. */
const published = iterations.slice(0, 6);
const networks = published.map(({ network }) => network);
const recipes = published.map(({ recipe }) => recipe);
/** The mission's limit. */
const MOST_EPOCHS = 15;

describe('the iterations', () => {
  it('begin with the six published ones', () => {
    expect(published.map(({ id }) => id)).toEqual([
      '1-skeleton',
      '2-lighter',
      '3-dropout',
      '4-augmentation',
      '5-lr-scheduler',
      '6-receptive-field',
    ]);
  });

  it('are numbered, each higher than the one before, and no number is taken twice', () => {
    const numbers = iterations.map(({ id }) => Number(/^\d+(?=-)/.exec(id)?.[0]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    const all = iterations.map(({ id }) => id.split('-', 1)[0]);
    expect(new Set(all).size).toBe(all.length);
  });

  it.each(iterations)('say what $id adds and why', ({ concept, name, why }) => {
    expect(name).not.toBe('');
    expect(concept).not.toBe('');
    expect(why).toMatch(/\.$/);
  });

  it('are plain data that survives JSON', () => {
    expect(JSON.parse(JSON.stringify(iterations))).toEqual(iterations);
  });

  it('change one thing at a time: the network in 2 and 3, the recipe in 4 and 5', () => {
    const changes = published.slice(1, 5).map((_, i) => ({
      network: networks[i + 1] !== networks[i],
      recipe: recipes[i + 1] !== recipes[i],
    }));
    expect(changes).toEqual([
      { network: true, recipe: false },
      { network: true, recipe: false },
      // Augmentation comes, dropout goes.
      { network: true, recipe: true },
      { network: false, recipe: true },
    ]);
  });

  it('change the network in 6, and of the recipe only how the learning rate comes down', () => {
    const [before, after] = [recipes[4]!, recipes[5]!];
    expect({ ...after, schedule: before.schedule }).toEqual(before);
    expect(networks[5]).not.toEqual(networks[4]);
  });

  it('add averaging in 7, with its own way down of the learning rate, and take a smaller network in 8', () => {
    const [six, seven, eight] = ['6', '7', '8'].map(findIteration);
    expect(seven!.network).toEqual(six!.network);
    const { weightAveraging, ...rest } = seven!.recipe;
    expect(weightAveraging).toEqual({ decay: 0.999 });
    expect({ ...rest, schedule: six!.recipe.schedule }).toEqual(six!.recipe);
    expect(six!.recipe.weightAveraging).toBeUndefined();
    expect(eight!.recipe.weightAveraging).toEqual(seven!.recipe.weightAveraging);
    expect(eight!.network).not.toEqual(seven!.network);
  });

  it('put augmentation in the place of dropout in 4', () => {
    expect(networks[3]).toEqual(networks[1]);
    expect({ ...recipes[3]!, augmentation: undefined }).toEqual({ ...recipes[2]!, augmentation: undefined });
  });

  it('add nothing but dropout in 3', () => {
    expect(networks[2]!.layers.filter(({ type }) => type !== 'dropout')).toEqual(networks[1]!.layers);
    expect(networks[2]!.layers.filter(({ type }) => type === 'dropout')).toHaveLength(5);
  });

  it('turn images from 4 on, and change the learning rate from 5 on', () => {
    expect(recipes.map(({ augmentation }) => augmentation !== undefined)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(recipes.map(({ schedule }) => schedule.type !== 'constant')).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it.each(iterations)('train $id for at most 15 epochs', ({ recipe }) => {
    expect(recipe.epochs).toBeLessThanOrEqual(MOST_EPOCHS);
  });
});

describe('findIteration', () => {
  it.each(['5', 5, '5-lr-scheduler'])('finds the fifth by %j', (wanted) => {
    expect(findIteration(wanted)).toBe(iterations[4]);
  });

  it.each(['999', '', 'lr', '5-'])('names all there are when there is no %j', (wanted) => {
    expect(() => findIteration(wanted)).toThrow(
      `There is no iteration "${wanted}". Use a number or an id of: ${iterations.map(({ id }) => id).join(', ')}.`,
    );
  });
});
