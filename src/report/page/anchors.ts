import { keyOfTarget } from '../../gates/verdict.ts';
import type { Verdict } from '../../gates/verdict.ts';
import type { IterationSummary, Summary } from '../summary.ts';
import { oneLine } from '../text.ts';

/** Names that links lead to: the same from run to run, each once in a page. */
export interface Anchors {
  ofIteration(iteration: IterationSummary): string;
  ofRow(row: Verdict): string;
}

/** Characters of a name that stay in its anchor. */
const LENGTH = 80;

export function anchorsOf({ iterations }: Summary): Anchors {
  const taken = new Map<string, number>();
  const names = new Map<unknown, string>();
  for (const iteration of iterations) {
    names.set(iteration, once(`iteration-${slug(iteration.id)}`, taken));
    for (const row of iteration.targets) names.set(row, once(`target-${slug(keyOfTarget(row))}`, taken));
  }
  return { ofIteration: (iteration) => names.get(iteration)!, ofRow: (row) => names.get(row)! };
}

/** "final test accuracy >=" becomes "final-test-accuracy-ge": letters, digits and dashes. */
function slug(text: string): string {
  const operators: Readonly<Record<string, string>> = {
    '<=': 'le',
    '>=': 'ge',
    '==': 'eq',
    '<': 'lt',
    '>': 'gt',
  };
  return oneLine(text, 4 * LENGTH)
    .replace(/<=|>=|==|<|>/g, (operator) => ` ${operators[operator]}`)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, LENGTH);
}

function once(name: string, taken: Map<string, number>): string {
  const before = taken.get(name) ?? 0;
  taken.set(name, before + 1);
  return before === 0 ? name : `${name}-${before + 1}`;
}
