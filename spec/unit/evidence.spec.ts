import { describe, expect, test } from 'vitest';
import { isIssued, issue } from '../../src/evidence.ts';
import { evidence } from '../support/records.ts';
import '../support/matchers.ts';

describe('an evidence (D1)', () => {
  test('is frozen to its last leaf', () => {
    const made = evidence();
    const run = made.runs[0]! as { seed: number; epochs: { testCorrect: number }[]; confusion: number[][] };
    expect(() => (run.seed = 2)).toThrow(TypeError);
    expect(() => (run.epochs[0]!.testCorrect = 10_000)).toThrow(TypeError);
    expect(() => run.confusion[0]!.push(1)).toThrow(TypeError);
  });

  test.each<[string, () => unknown]>([
    ['a spread', () => ({ ...evidence() })],
    ['a spread without runs', () => ({ ...evidence(), runs: [] })],
    ['only the good seeds', () => ({ ...evidence([{}, { test: [90] }]), runs: evidence().runs })],
    ['a structured clone', () => structuredClone(evidence())],
    ['what went through JSON', () => JSON.parse(JSON.stringify(evidence())) as unknown],
    ['a child of one', () => Object.create(evidence()) as unknown],
    ['a proxy of one', () => new Proxy(evidence(), {})],
  ])('is refused by a matcher as %s', (_, forge) => {
    expect(isIssued(forge())).toBe(false);
    expect(() => expect(forge()).toHaveParameters(7_826)).toThrow(
      'This evidence was made or changed by hand: a matcher judges what obtainEvidence or evidenceOf gave, as it is.',
    );
  });

  test('is known again as it is', () => {
    const made = evidence();
    expect(issue(made)).toBe(made);
    expect(isIssued(made)).toBe(true);
  });
});
