import { rm, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../src/errors.ts';
import { type Kill, runCommandIn } from './command.ts';
import { type Disk, smallDisk } from './disk.ts';
import { makeDisk } from './project.ts';
import { demandReadable, differences, stateOf, type Work } from './works.ts';

/** Enough for all that a command writes, and no more than a part of it once the filler lies there. */
const SMALL_DISK = 1 << 20;

/** One interruption, drawn before anything is run. */
export interface Plan {
  readonly number: number;
  readonly work: Work;
  /** An older run is there, which the command replaces. */
  readonly replaces: boolean;
  /** Bytes that the disk takes; undefined: as many as there are. */
  readonly free?: number;
  /** Undefined: only the disk ends it. */
  readonly kill?: Kill;
}

/** What an undisturbed command leaves, and how long it takes. */
export interface Golden {
  readonly state: ReadonlyMap<string, string>;
  readonly ms: number;
}

export interface Outcome {
  readonly plan: Plan;
  /** What the interrupted command came to. */
  readonly hit: 'killed' | 'disk full' | 'ended before';
  /** Everything that is not as it should be; empty: same bits, no stray file. */
  readonly faults: readonly string[];
}

/** Where trials are done: a project of its own, and what it starts from. */
export interface Place {
  readonly folder: string;
  /** The made project, and the one with an older run in it. */
  readonly fresh: string;
  readonly older: string;
  readonly mayMount: boolean;
}

/** Interrupts a command, looks at what it left, runs it again to its end, and compares. */
export async function tryOut(plan: Plan, place: Place, golden: Golden): Promise<Outcome> {
  const { folder, mayMount } = place;
  const { work, free, kill } = plan;
  const faults: string[] = [];
  let disk: Disk | undefined;
  await startFrom(plan.replaces ? place.older : place.fresh, folder);
  try {
    if (free !== undefined) {
      disk = await smallDisk(join(folder, 'disk'), SMALL_DISK, mayMount);
      await startFrom(plan.replaces ? place.older : place.fresh, folder);
    }
    const env = disk && free !== undefined ? disk.fill(free) : {};
    const first = await runCommandIn(folder, work, { env, ...(kill && { kill }) });
    if (first.output.includes('did not end within')) faults.push('the interrupted command hung');
    if (/^\s+at .*:\d+:\d+/m.test(first.output)) faults.push(`a stack trace: ${first.output}`);
    try {
      demandReadable(folder);
    } catch (error) {
      faults.push(`after the interruption: ${messageOf(error)}`);
    }
    await disk?.empty();
    const again = await runCommandIn(folder, work);
    if (again.exitCode !== 0) faults.push(`the next run ended with ${again.exitCode}: ${again.output}`);
    faults.push(...differences(stateOf(folder), golden.state));
    return { plan, hit: hitOf(first.exitCode, kill), faults };
  } finally {
    await disk?.unmount();
  }
}

/** What the undisturbed command leaves in a fresh project. */
export async function goldenOf(work: Work, { folder, fresh }: Place): Promise<Golden> {
  await startFrom(fresh, folder);
  const { exitCode, output, ms } = await runCommandIn(folder, work);
  if (exitCode !== 0) throw new Error(`an undisturbed ${work.name} ended with ${exitCode}: ${output}`);
  return { state: stateOf(folder), ms };
}

/** Puts back all that commands write to; the first time the whole project. */
export async function startFrom(template: string, folder: string): Promise<void> {
  await makeDisk(folder);
  for (const part of ['disk', 'spec', 'reports']) {
    if (part !== 'disk') await rm(join(folder, part), { recursive: true, force: true });
    await cp(join(template, part), join(folder, part), { recursive: true, verbatimSymlinks: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (part !== 'reports' || error.code !== 'ENOENT') throw error;
      },
    );
  }
}

function hitOf(exitCode: number | undefined, kill: Kill | undefined): Outcome['hit'] {
  if (exitCode === 0) return 'ended before';
  if (kill && (exitCode === undefined || exitCode >= 128)) return 'killed';
  return 'disk full';
}
