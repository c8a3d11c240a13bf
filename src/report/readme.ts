import { GateError } from '../errors.ts';
import type { Target } from '../gates/verdict.ts';
import type { RunRecord } from '../record.ts';
import { analysisOf, resultsOf } from './analysis.ts';

const BEGIN = '<!-- results:begin -->';
const END = '<!-- results:end -->';

/** README with the block between its markers made anew from the records; all else stays. Pure. */
export function withResults(
  readme: string,
  records: readonly RunRecord[],
  targets: readonly Target[],
): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin === -1 || end < begin) {
    throw new GateError(
      `README.md needs the lines "${BEGIN}" and "${END}", in this order, around its results.`,
    );
  }
  const block = `${BEGIN}\n\n${resultsOf(records)}\n\n${analysisOf(records, targets)}\n\n`;
  return readme.slice(0, begin) + block + readme.slice(end);
}
