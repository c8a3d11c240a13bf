import { ExitCode } from '../errors.ts';
import { keyOfTarget } from '../gates/verdict.ts';
import type { Verdict } from '../gates/verdict.ts';
import { isMeasured } from '../report/summary.ts';
import type { IterationSummary, Summary } from '../report/summary.ts';
import { describeDifference, differences } from './differences.ts';
import type { Finding } from './finding.ts';

/** What a row promises and found; its words, its line in the spec and the base's value are no figures. */
const COMPARED = [
  'target',
  'unit',
  'level',
  'over',
  'from',
  'within',
  'confidence',
  'actual',
  'values',
  'marginImages',
  'total',
  'interval',
  'status',
] as const satisfies readonly (keyof Verdict)[];

/** Told by who measured, when, on what and beside what: not compared. A test run has no base where none is fetched for it. */
const CIRCUMSTANCES =
  /^(targets|provenance|note|backend|misread|baseTestAccuracy(\[\d+\])?|seconds|runs\[\d+\]\.seconds)$/;
/** Enough for a person to see what is up. */
const MOST_DIFFERENCES = 5;

/**
 * What a test run reported against what the judge found: every figure of every row and curve. A difference is red: the
 * report came from a process in which the code that is judged runs. Pure.
 */
export function compareReport(reported: Summary, judged: Summary): Finding[] {
  const ids = [...new Set([...judged.iterations, ...reported.iterations].map(({ id }) => id))];
  const findings = ids.flatMap((id) =>
    compareIteration(id, iterationOf(reported, id), iterationOf(judged, id)),
  );
  // Where the judge agrees in every figure, a red test run has a reason of its own: another test, a stray error.
  if (findings.length === 0 && reported.verdict.exitCode > judged.verdict.exitCode) {
    findings.push({
      cause: `the test run was red: "${reported.verdict.title}" (exit code ${reported.verdict.exitCode})`,
      exitCode: reported.verdict.exitCode,
    });
  }
  return findings;
}

function compareIteration(
  id: string,
  reported: IterationSummary | undefined,
  judged: IterationSummary | undefined,
): Finding[] {
  const told = (what: string): Finding => ({ iteration: id, cause: what, exitCode: ExitCode.missing });
  if (!judged) return [told(`the test run reported it, and the lock promises nothing of it`)];
  if (!reported) return [told('the test run did not report it')];
  const rows = [...new Set([...judged.targets, ...reported.targets].map(keyOfTarget))].flatMap((key) => {
    const [was, is] = [reported, judged].map(({ targets }) =>
      targets.filter((row) => keyOfTarget(row) === key),
    );
    return compareRow(key, was!, is!).map(told);
  });
  if (!isMeasured(reported) || !isMeasured(judged)) {
    return isMeasured(reported) === isMeasured(judged)
      ? rows
      : [
          ...rows,
          told(
            `the test run ${isMeasured(reported) ? 'reported figures that the judge does not have' : 'reported no figures'}`,
          ),
        ];
  }
  const figures = differences(reported, judged, (path) => CIRCUMSTANCES.test(path)).map(describeDifference);
  const more = figures.length - MOST_DIFFERENCES;
  return [
    ...rows,
    ...figures.slice(0, MOST_DIFFERENCES).map((text) => told(`the test run reported other figures: ${text}`)),
    ...(more > 0 ? [told(`the test run reported ${more} more figures that differ`)] : []),
  ];
}

function compareRow(key: string, reported: readonly Verdict[], judged: readonly Verdict[]): string[] {
  const [was] = reported;
  const [is] = judged;
  if (!was) return [`the test run did not report ${key}`];
  if (reported.length > 1) return [`the test run reported ${key} ${reported.length} times`];
  if (!is) return [`the test run reported ${key}, which the lock does not promise`];
  const figures = (row: Verdict) => Object.fromEntries(COMPARED.map((name) => [name, row[name]]));
  const found = differences(figures(was), figures(is));
  return found.length === 0
    ? []
    : [`the test run reported of ${key}: ${found.map(describeDifference).join('; ')}`];
}

function iterationOf({ iterations }: Summary, id: string): IterationSummary | undefined {
  return iterations.find((iteration) => iteration.id === id);
}
