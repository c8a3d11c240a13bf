import { GateError } from '../../errors.ts';
import type { Program } from './program.ts';
import { placeOf, whatWasTold } from './told.js';

/** Where a thread is: 0 as it starts, then the parts of a step, from here on those of an evaluation, and between orders `RESTS`. */
export const EVALUATION_PLACES = 1 << 16;
export const RESTS = 1 << 17;

export interface Partners {
  readonly told: SharedArrayBuffer;
  readonly threads: number;
  readonly step?: Program;
  readonly evaluation: Program;
}

/** Another thread failed, hangs or is gone: which one, where, and why. */
export class PartnerFailed extends GateError {
  /** `otherwise`: why, where nobody told it. */
  constructor(partners: Partners, otherwise: string) {
    const { told, threads } = partners;
    const places = Array.from({ length: threads }, (_, thread) => placeOf(told, thread)[0]!);
    const behind = Math.max(
      0,
      places.findIndex((each) => each !== places[0]),
    );
    const { thread, place, why } = whatWasTold(told) ?? {
      thread: behind,
      place: places[behind]!,
      why: otherwise,
    };
    super(
      `Thread ${thread + 1} of ${threads} of the native engine failed ${describePlace(partners, place)}: ${why}. Start the command again.`,
    );
  }
}

function describePlace({ step, evaluation }: Partners, place: number): string {
  if (place === 0) return 'as it started';
  if (place === RESTS) return 'between two steps';
  const isStep = place < EVALUATION_PLACES;
  const what = isStep ? 'a training step' : 'an evaluation';
  const part = (place % EVALUATION_PLACES) - 1;
  const { phases } = isStep ? step! : evaluation;
  if (part === 0) return `as it prepared ${what}`;
  const phase = phases[part - 1];
  if (phase === undefined) return `as it finished ${what}`;
  const kernels = [...new Set([...phase.each, ...phase.once].map(({ kernel }) => kernel))].join(', ');
  return `in phase ${part} of ${phases.length} of ${what} (${kernels})`;
}
