import { judgeTarget } from '../gates/judge-target.ts';
import { isRed } from '../gates/exit-code.ts';
import type { Target } from '../gates/verdict.ts';
import type { RunRecord } from '../record.ts';
import { summarize } from './summary.ts';
import { toTerminal } from './terminal.ts';
import type { TerminalOptions } from './terminal.ts';
import { commandLine } from '../command-line.ts';

/**
 * What one run that was trained just now makes of the targets of its iteration, row by row, and what to do next. Targets on a share of
 * many seeds are counted, not judged: one run says nothing of them. Pure but for the defaults of `toTerminal`.
 */
export function trainingVerdict(
  record: RunRecord,
  targets: readonly Target[],
  options: Pick<TerminalOptions, 'color' | 'width'> = {},
): string {
  const { id, name, seed } = record;
  const number = id.split('-', 1)[0]!;
  const own = targets.filter(({ iteration }) => iteration === id);
  const single = own.filter(({ onShare }) => onShare === undefined);
  const evidence = { id, name, runs: [record], provenance: 'trained', note: `seed ${seed}` } as const;
  const rows = single.map((target) => judgeTarget(target, evidence));
  const others = own.length - single.length;
  const summary = summarize({
    rows,
    promised: targets,
    evidences: [evidence],
    notices:
      others === 0
        ? []
        : [`${others} more of its targets speak of many seeds: ${commandLine(`study ${number}`)}`],
    failedTests: 0,
  });
  return toTerminal(summary, {
    ...options,
    verbose: true,
    exitCode: false,
    next: nextOf(rows.length, rows.some(isRed), number),
  });
}

function nextOf(promised: number, red: boolean, number: string): string {
  if (promised === 0)
    return `It promises nothing yet: write its targets as a spec in spec/networks, then ${commandLine('bless')}`;
  return red
    ? `Next: change it in src/iterations and try ${commandLine(`train ${number} --validate`)}`
    : `Next: ${commandLine('summary')} renews README and pictures, npm test judges all iterations`;
}
