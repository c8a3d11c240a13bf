import type { TargetChange } from '../gates/loosening.ts';
import { describeFact, percent, type RunRecord } from '../record.ts';

/** What a blessing changed, in words. */

/** "loosened: 5-lr-scheduler / final test accuracy >=: final test accuracy >= 99.4 % -> ... 99.3 %" */
export function describeTargetChange({ kind, target, from, to }: TargetChange): string {
  const [iteration] = target.split(' / ');
  if (kind === 'added') return `target added: ${iteration}: ${to}`;
  if (kind === 'removed') return `target removed: ${iteration}: ${from}`;
  return `target ${kind}: ${iteration}: ${from} -> ${to}`;
}

/** A record beside the one that it replaces; undefined: there was none. */
export function describeRenewedRecord(before: RunRecord | undefined, now: RunRecord): string {
  const which = `${now.id}, seed ${now.seed}`;
  if (before === undefined) return `${which}: new: ${test(now)}, ${parameters(now)}`;
  if (before.seal === now.seal) return `${which}: the same to the bit as recorded, and left as it is`;
  const both = (of: (record: RunRecord) => string) => [...new Set([of(before), of(now)])].join(' -> ');
  return `${which}: ${both(test)}, ${both(parameters)}`;
}

function test({ epochs }: RunRecord): string {
  const { testCorrect, testTotal } = epochs.at(-1)!;
  return `${percent(testCorrect, testTotal).toFixed(2)} % of the test images`;
}

function parameters({ model }: RunRecord): string {
  return `${describeFact(model.parameters)} parameters`;
}
