import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Candidate, LOG_FILE, type LoggedRun, parseLog, readLog } from '../../scripts/recipes/log.ts';
import { withTables } from '../../scripts/recipes/page.ts';
import { recipeTables } from '../../scripts/recipes/table.ts';

const CANDIDATE: Candidate = {
  candidate: '5-x',
  iteration: 5,
  parameters: 7_826,
  network: {
    layers: [
      { type: 'convolution', filters: 4 },
      { type: 'dropout', rate: 0.01 },
    ],
  },
  recipe: { epochs: 7, batch: 64, weightDecay: 0.0001, schedule: { type: 'constant', learningRate: 0.1 } },
};
const RUNS: readonly LoggedRun[] = [
  { run: '5-x', seed: 1, engine: '2', correct: [1, 1, 1, 1, 1, 9_900, 9_930], loss: [1, 1, 1, 1, 1, 1, 1] },
  {
    run: '5-x',
    seed: 2,
    engine: '2',
    correct: [1, 1, 1, 9_800, 1, 9_910, 9_950],
    loss: [1, 1, 1, 1, 1, 1, 1],
  },
];
const text = (...lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('docs/recipes.md', () => {
  test('is in step with the log', async () => {
    const page = readFileSync('docs/recipes.md', 'utf8');
    expect(await withTables(page, readLog(LOG_FILE))).toBe(page);
  });

  test('has the figures of a recipe that are worked out by hand', () => {
    const row = recipeTables({ candidates: [CANDIDATE], runs: RUNS })
      .split('\n')
      .at(-1);
    // Ends 99.30 and 99.50: mean 99.4, SD 0.1 x sqrt 2; the worst from epoch 6 is 9,900, of the last four 1.
    expect(row).toBe(
      '| 5-x | 7,826 | 4 | 2 | 99.400 | 0.141 | 99.30 | 99.00 | 0.01 | learning rate constant; batch 64; decay 0.0001; no augmentation; dropout 0.01; not averaged |',
    );
  });

  test('says where norms are left out of the weight decay', () => {
    const weightDecay = { rate: 0.0005, norms: false, biases: false };
    const candidate = { ...CANDIDATE, recipe: { ...CANDIDATE.recipe, weightDecay } };
    const tables = recipeTables({ candidates: [candidate], runs: RUNS });
    expect(tables).toContain('; decay 0.0005, none of norms;');
  });

  test('lists every recipe that was run', () => {
    const log = readLog();
    const tables = recipeTables(log);
    for (const { run } of log.runs) expect(tables).toContain(`| ${run} |`);
  });
});

describe('the log of recipes', () => {
  test.each([
    ['neither a candidate nor a run', text(CANDIDATE, { ...RUNS[0], more: 1 })],
    ['not JSON', '{'],
    ['which is no candidate', text(RUNS[0]!)],
    ['"5-x, seed 1" is there twice', text(CANDIDATE, RUNS[0]!, RUNS[0]!)],
    ['"5-x" is there twice', text(CANDIDATE, CANDIDATE)],
  ])('is refused where it is wrong: %s', (words, log) => {
    expect(() => parseLog(log, 'log')).toThrow(words);
  });
});
