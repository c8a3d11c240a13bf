import { format } from 'prettier';
import { markdownTable } from '../../../src/report/text.ts';
import { betweenMarkers } from '../../../src/report/markers.ts';
import type { Outcome } from './trial.ts';
import { WORKS } from './works.ts';

export interface Tried {
  readonly outcomes: readonly Outcome[];
  readonly seconds: number;
  readonly cores: number;
  readonly seed: number;
  /** What the full disks were: a small one in memory, or a layer that plays one. */
  readonly disk: string;
}

/** One sentence: how many came to the same bits. */
export function conclusionOf({ outcomes, seconds, cores, seed, disk }: Tried): string {
  const same = outcomes.filter(({ faults }) => faults.length === 0).length;
  const stray = outcomes.flatMap(({ faults }) => faults).filter((fault) => fault.startsWith('stray')).length;
  return `${same} of ${outcomes.length} interrupted commands, started again, came to the same bits, ${stray} stray files; seed ${seed}, full disks by ${disk}; ${(seconds / 60).toFixed(1)} min on ${cores} cores.`;
}

/** A row a work: how it was interrupted, and what came of it. */
export function tableOf({ outcomes }: Tried): string {
  const rows = WORKS.map(({ name, args }) => {
    const own = outcomes.filter(({ plan }) => plan.work.name === name);
    const count = (of: (outcome: Outcome) => boolean) => String(own.filter(of).length);
    const bySignal = (signal: string) =>
      count(({ plan, hit }) => hit === 'killed' && plan.kill?.signal === signal);
    return [
      `\`${args.join(' ')}\``,
      String(own.length),
      bySignal('SIGKILL'),
      bySignal('SIGTERM'),
      bySignal('SIGINT'),
      count(({ hit }) => hit === 'disk full'),
      count(({ plan, hit }) => plan.free !== undefined && hit === 'ended before'),
      count(({ plan, hit }) => plan.free === undefined && hit === 'ended before'),
      count(({ faults }) => faults.length === 0),
    ];
  });
  const columns = [
    'command',
    'tried',
    'SIGKILL',
    'SIGTERM',
    'Ctrl-C',
    'disk full',
    'disk just large enough',
    'ended before its kill',
    'same bits',
  ];
  return markdownTable(columns, rows);
}

/** `text` with the table between its markers. Throws where they are missing. */
export function withTable(file: string, text: string, tried: Tried): Promise<string> {
  const block = `${conclusionOf(tried)}\n\n${tableOf(tried)}`;
  return format(betweenMarkers(file, text, block, 'crashtest'), { parser: 'markdown', printWidth: 140 });
}
