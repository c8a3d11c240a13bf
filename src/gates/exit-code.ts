import { ExitCode } from '../errors.ts';
import type { Status, Verdict } from './verdict.ts';

/**
 * The exit code that a row asks for:
 *
 * | code | means | statuses |
 * |---|---|---|
 * | 0 | ok | pass, warn |
 * | 1 | a target was not met | fail, inconclusive |
 * | 2 | a regression against the base | (see `regression.ts`) |
 * | 3 | missing, skipped, loosened or refused | missing, refused |
 * | 4 | infrastructure: it could not be measured | error |
 */
const EXIT_CODE_OF: Readonly<Record<Status, ExitCode>> = {
  pass: ExitCode.ok,
  warn: ExitCode.ok,
  fail: ExitCode.targetFailed,
  inconclusive: ExitCode.targetFailed,
  missing: ExitCode.missing,
  refused: ExitCode.missing,
  error: ExitCode.infrastructure,
};

/** True if the row makes the gate red. A target at level off or warn is never red for its value, but always for being gone. */
export function isRed(row: Pick<Verdict, 'status' | 'level'>): boolean {
  return exitCodeOfRow(row) !== ExitCode.ok;
}

function exitCodeOfRow(row: Pick<Verdict, 'status' | 'level'>): ExitCode {
  const valueOnly = row.status === 'fail' || row.status === 'inconclusive';
  return valueOnly && row.level !== 'error' ? ExitCode.ok : EXIT_CODE_OF[row.status];
}

/** The exit code of a gate: the highest number that any row asks for wins. */
export function exitCodeOf(rows: readonly Pick<Verdict, 'status' | 'level'>[]): ExitCode {
  return highest(rows.map(exitCodeOfRow));
}

/** The highest of several exit codes; 0 of none. */
export function highest(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce<ExitCode>((worst, code) => (code > worst ? code : worst), ExitCode.ok);
}
