import { describe, expect, test } from 'vitest';
import { trainingVerdict } from '../../../src/report/training-verdict.ts';
import type { Target } from '../../../src/gates/verdict.ts';
import { record } from '../../support/records.ts';

const rest = { iteration: '5-lr-scheduler', unit: '%', level: 'error', over: 'min' } as const;
const final: Target = { ...rest, metric: 'final test accuracy', operator: '>=', target: 99.4 };
const small: Target = { ...rest, metric: 'parameters', operator: '<', target: 8_000, unit: '', over: 'max' };
const held: Target = {
  ...rest,
  metric: 'held test accuracy',
  operator: '>=',
  target: 99.4,
  from: 2,
  within: 3,
};

const verdict = (test: readonly number[], targets: readonly Target[]) =>
  trainingVerdict(record({ test }), targets, { color: false, width: 100 });

describe('the verdict of a training', () => {
  test('shows every target beside the result, and what to do next', () => {
    const shown = verdict([98, 99, 99.5], [final, small]);
    expect(shown).toMatch(/✓ final test accuracy ≥ 99\.4 % +99\.5 % +\+10 of 10,000 images/);
    expect(shown).toMatch(/✓ parameters < 8,000 +7,826/);
    expect(shown.trimEnd()).toMatch(
      /✓ 2 targets met\n {3}Next: npm run summary renews .*npm test judges all iterations$/,
    );
  });

  test('says what is not met, by how much and what to do', () => {
    const shown = verdict([98, 99, 99.3], [final, small]);
    expect(shown).toMatch(
      /✗ 5-lr-scheduler: final test accuracy ≥ 99\.4 %: 99\.3 %, -10 of 10,000 images\n {3}→ /,
    );
    expect(shown.trimEnd()).toMatch(
      /✗ 1 fail of 2 targets\n {3}Next: change it in src\/iterations and try npm run train -- 5 --validate$/,
    );
  });

  test('leaves other iterations out, and a share of many seeds to a study', () => {
    const shown = verdict(
      [98, 99, 99.5],
      [final, { ...held, onShare: 0.75 }, { ...small, iteration: '6-other' }],
    );
    expect(shown).toContain('1 more of its targets speak of many seeds: npm run study -- 5');
    expect(shown).toContain('1 target met');
    expect(shown).not.toContain('6-other');
  });

  test('says of an iteration without targets that it promises nothing', () => {
    const shown = verdict([98, 99, 99.5], []);
    expect(shown.trimEnd()).toMatch(/It promises nothing yet: .*spec\/networks.*npm run bless$/);
  });
});
