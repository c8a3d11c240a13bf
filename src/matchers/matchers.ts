import { fileURLToPath } from 'node:url';
import type { MatcherState } from 'vitest';
import { ExitCode, GateError } from '../errors.ts';
import { isIssued } from '../evidence.ts';
import { describeActual } from '../gates/judge.ts';
import { StateRemedy } from '../gates/remedies.ts';
import * as stock from '../gates/stock-targets.ts';
import { isRed } from '../gates/exit-code.ts';
import { formatValue } from '../gates/verdict.ts';
import type { Verdict } from '../gates/verdict.ts';
import type { Evidence } from '../record.ts';
import type { GateMatchers } from './gate-matchers.ts';
import { DECLARE_ONLY, record } from './meta.ts';
import type { TaskWithMeta } from './meta.ts';

type Matcher<Args extends unknown[]> = (
  this: MatcherState,
  received: unknown,
  ...args: Args
) => { readonly pass: boolean; readonly message: () => string };

/**
 * Vitest matchers on an Evidence, for `expect.extend`. Each records its rows for the reporter first and throws afterwards, so that a
 * target which is not met still has its row.
 */
export const matchers: { readonly [Name in keyof GateMatchers]: Matcher<Parameters<GateMatchers[Name]>> } = {
  toHaveParameters: matcher((evidence, count, options) =>
    stock.judgeParameters(evidence, '==', count, options),
  ),
  toHaveFewerParametersThan: matcher((evidence, count, options) =>
    stock.judgeParameters(evidence, '<', count, options),
  ),
  toNeedAtMostMultiplyAdds: matcher((evidence, count, options) =>
    stock.judgeMultiplyAdds(evidence, '<=', count, options),
  ),
  toHaveReceptiveField: matcher((evidence, pixels, options) =>
    stock.judgeReceptiveField(evidence, '==', pixels, options),
  ),
  toHaveReceptiveFieldTable: matcher((evidence, table, options) =>
    stock.judgeReceptiveFieldTable(evidence, table, options),
  ),
  toEndAtOrAbove: matcher((evidence, perCent, options) =>
    stock.judgeFinalTestAccuracy(evidence, '>=', perCent, options),
  ),
  toReachTrainAccuracy: matcher((evidence, perCent, options) =>
    stock.judgeFinalTrainAccuracy(evidence, '>=', perCent, options),
  ),
  toStayBelowTrainAccuracy: matcher((evidence, perCent, options) =>
    stock.judgeFinalTrainAccuracy(evidence, '<', perCent, options),
  ),
  toHoldTestAccuracy: matcher((evidence, perCent, options) =>
    stock.judgeHeldTestAccuracy(evidence, perCent, options),
  ),
  toOverfitByAtLeast: matcher((evidence, points, options) => stock.judgeGap(evidence, '>=', points, options)),
  toOverfitByAtMost: matcher((evidence, points, options) => stock.judgeGap(evidence, '<=', points, options)),
  toLearn: matcher((evidence, learning, options) => stock.judgeLearning(evidence, learning, options)),
  toHaveNoDeadChannels: matcher((evidence, options) => stock.judgeDeadChannels(evidence, '==', 0, options)),
  toNeverDropByMoreThan: matcher((evidence, points, options) =>
    stock.judgeLargestDrop(evidence, points, options),
  ),
};

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- the signature that Vitest declares
  interface Matchers<T = any> extends GateMatchers {}
}

type Judge<Args extends unknown[]> = (evidence: Evidence, ...args: Args) => Verdict | readonly Verdict[];

function matcher<Args extends unknown[]>(judgeEvidence: Judge<Args>): Matcher<Args> {
  return function (received, ...args) {
    const evidence = asEvidence(received);
    const task = taskOf(this);
    const location = callSite(task.file.filepath);
    const judged = [judgeEvidence(evidence, ...args)].flat() as Verdict[];
    const rows = judged.map((row) => ({
      ...(this.isNot ? negated(row) : row),
      ...(location ? { location } : {}),
    }));
    record(task, evidence, rows);
    const red = rows.filter(isRed);
    // Under .not a matcher fails by passing; a negated target must fail whatever was measured.
    if (process.env[DECLARE_ONLY]) return { pass: !this.isNot, message: () => '' };
    return { pass: this.isNot ? true : red.length === 0, message: () => red.map(messageOfRow).join('\n\n') };
  };
}

function negated(row: Verdict): Verdict {
  return { ...row, status: 'refused', detail: 'a target under .not', remedy: StateRemedy.negated };
}

/** "<title>: <what was measured>, promised <target>. <remedy>" over three lines. */
function messageOfRow(row: Verdict): string {
  return [
    `${row.title}: ${row.status}`,
    `  promised: ${row.operator} ${formatValue(row.target, row.unit)}`,
    `  measured: ${describeActual(row)}`,
    `  ${row.remedy}`,
  ].join('\n');
}

function asEvidence(received: unknown): Evidence {
  if (isIssued(received)) return received;
  if (typeof received === 'object' && received !== null && 'runs' in received) {
    throw new GateError(
      'This evidence was made or changed by hand: a matcher judges what obtainEvidence or evidenceOf gave, as it is. Hand it over without a copy: expect(evidence()).to...',
      ExitCode.missing,
    );
  }
  throw new GateError(
    `This matcher judges an Evidence; it was given ${received === null ? 'null' : typeof received}. Hand it what obtainEvidence resolves to: expect(evidence()).to...`,
  );
}

function taskOf(state: MatcherState): TaskWithMeta {
  const task = (state as { task?: TaskWithMeta }).task;
  if (task) return task;
  throw new GateError(
    'A target is judged inside a test; this one is outside, or in a concurrent test. In concurrent tests take expect from the test context: test.concurrent(name, ({ expect }) => ...).',
  );
}

/** The line of the spec file that called the matcher, from the stack; undefined if it is not on it. */
function callSite(file: string): Verdict['location'] {
  const frames = (new Error('call site').stack ?? '').split('\n').slice(1);
  for (const frame of frames) {
    const match = /\(?((?:file:\/\/)?[^()\s]+):(\d+):\d+\)?$/.exec(frame.trim());
    if (!match) continue;
    const path = match[1]!.startsWith('file://') ? fileURLToPath(match[1]!) : match[1]!;
    if (path.split('?')[0] === file) return { file, line: Number(match[2]) };
  }
  return undefined;
}
