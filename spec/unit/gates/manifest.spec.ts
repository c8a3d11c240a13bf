import { describe, expect, test } from 'vitest';
import type { TestFact } from '../../../src/gates/facts.ts';
import { lockOf, parseLock } from '../../../src/gates/manifest.ts';
import { parseScope } from '../../../src/gates/scope.ts';
import { judgeFinalTestAccuracy, judgeParameters } from '../../../src/gates/stock-targets.ts';
import { evidence } from '../../support/records.ts';

function fact(changes: Partial<TestFact> = {}): TestFact {
  return {
    spec: 'spec/networks/5.spec.ts',
    test: 'is small',
    state: 'passed',
    todo: false,
    retries: 0,
    attempts: 1,
    evidences: [],
    asked: true,
    verdicts: [],
    ...changes,
  };
}

const small = judgeParameters(evidence(), '<', 8_000);
const good = judgeFinalTestAccuracy(evidence({ test: [98] }), '>=', 99.4);

describe('the lock of a run', () => {
  test('holds what is promised, met or not, in a fixed order, and nothing that was measured', () => {
    const facts = [fact({ verdicts: [small] }), fact({ test: 'is good', verdicts: [good] })];
    const lock = lockOf({ modules: [], tests: facts });
    expect(lock.targets.map(({ metric, target, test: name }) => [metric, target, name])).toEqual([
      ['final test accuracy', 99.4, 'is good'],
      ['parameters', 8_000, 'is small'],
    ]);
    expect(Object.keys(lock.targets[0]!)).not.toContain('actual');
    expect(parseLock(JSON.stringify(lock), 'x')).toEqual(lock);
  });

  test('is refused when a test did not get as far as its targets', () => {
    const skipped = {
      modules: [],
      tests: [fact({ verdicts: [small] }), fact({ test: 'is good', state: 'skipped' })],
    };
    expect(() => lockOf(skipped)).toThrow('spec/networks/5.spec.ts: "is good" skipped');
    const broken = {
      modules: [{ spec: 'spec/networks/6.spec.ts', error: { name: 'Error', message: 'oh no' } }],
      tests: [],
    };
    expect(() => lockOf(broken)).toThrow('spec/networks/6.spec.ts: oh no');
  });

  test('is refused when a test failed: what it would have declared after that is not known', () => {
    const failed = { modules: [], tests: [fact({ test: 'is good', state: 'failed', verdicts: [good] })] };
    expect(() => lockOf(failed)).toThrow('spec/networks/5.spec.ts: "is good" failed');
  });

  test('is refused with the cause where there is one, told once where a hook ended several tests', () => {
    const error = { name: 'GateError', message: 'The kernels are missing.\nat line 3' };
    const skipped = ['is small', 'is good'].map((name) => fact({ test: name, state: 'skipped', error }));
    const refused = (tests: TestFact[]) => () => lockOf({ modules: [], tests });
    expect(refused(skipped)).toThrow(
      /these did not:\nspec\/networks\/5\.spec\.ts: The kernels are missing\. \(2 tests\)\nMend/,
    );
    expect(refused([fact({ state: 'failed', error })])).toThrow(
      '"is small" failed: The kernels are missing.',
    );
  });

  test('is refused when a test passes without the target that it had, and keeps the declared seeds', () => {
    const before = lockOf({ modules: [], tests: [fact({ verdicts: [small] })] });
    expect(() => lockOf({ modules: [], tests: [fact()] }, before)).toThrow('"is small" passed');
    const seeds = { '5-lr-scheduler': '1-20', gone: '1' };
    expect(lockOf({ modules: [], tests: [fact({ verdicts: [small] })] }, { ...before, seeds }).seeds).toEqual(
      {
        '5-lr-scheduler': '1-20',
      },
    );
  });

  test('declares the seeds that it is given, of iterations that promise something', () => {
    const before = {
      ...lockOf({ modules: [], tests: [fact({ verdicts: [small] })] }),
      seeds: { '5-lr-scheduler': '1-3' },
    };
    const declared = { '5-lr-scheduler': '1-20', gone: '1' };
    const lock = lockOf({ modules: [], tests: [fact({ verdicts: [small] })] }, before, declared);
    expect(lock.seeds).toEqual({ '5-lr-scheduler': '1-20' });
  });

  test('is refused when a target is declared twice', () => {
    expect(() => lockOf({ modules: [], tests: [fact({ verdicts: [small, small] })] })).toThrow(
      'Declared twice: 5-lr-scheduler / parameters <',
    );
  });

  test('is read back only whole', () => {
    expect(() => parseLock('{', 'the lock')).toThrow('the lock is not JSON');
    expect(() => parseLock('{"schema":"codecodecode/targets@1"}', 'the lock')).toThrow(
      'the lock is not a lock of targets',
    );
  });
});

describe('the scope of a run', () => {
  const known = ['1-skeleton', '5-lr-scheduler'];

  test('is everything when nothing is said', () => {
    expect(parseScope(undefined, known)).toBeUndefined();
    expect(parseScope('', known)).toBeUndefined();
  });

  test('is the iterations named, or none', () => {
    expect(parseScope('1-skeleton, 5-lr-scheduler', known)).toEqual(known);
    expect(parseScope('none', known)).toEqual([]);
    expect(parseScope('shard', known)).toEqual([]);
  });

  test('cannot name what the lock does not know', () => {
    expect(() => parseScope('5-lr', known)).toThrow('GATE_SCOPE names "5-lr"');
  });
});
