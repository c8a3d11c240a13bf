import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { GateError, messageOf } from '../errors.ts';
import { isAlive, MACHINE, startOf } from './process.ts';
import { removeUnfinished, unfinishedName } from './write-whole.ts';

/**
 * A file that says which process is at something. Its owner is looked up among the processes, not judged by the age of the file:
 * a training leaves no time to renew one, and who comes after a kill should not have to wait.
 */
const ownerSchema = z.object({
  pid: z.number().int().positive(),
  machine: z.string(),
  /** What the system says of the process's start: tells it from a later one of the same number. */
  started: z.string(),
  since: z.number(),
  command: z.string(),
  token: z.string(),
});
type Owner = z.infer<typeof ownerSchema>;

/** Between two looks. */
const NAP_MS = 25;
/** How long a short piece of work of another process is waited for. */
const PATIENCE_MS = 30_000;
/** How long a process may take to end whose parent was killed: a worker of a study notices it within its next steps. */
const LAST_STEPS_MS = 3_000;
/** What systems say that have no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']);

/** Another process has it. */
export class Claimed extends GateError {}

/**
 * Takes `file` for `what`; gives back what releases it. Throws Claimed, with owner and age, where a living process has it and does
 * not end within seconds.
 */
export function claim(file: string, what: string, patience = LAST_STEPS_MS): () => void {
  const mine = ownerNow();
  const held = takeWithin(patience, file, mine);
  if (held === undefined) return () => release(file, mine);
  throw new Claimed(`${what} ${describe(held)}. Wait for it, or end it. (${file})`);
}

/** Does a short piece of work while no other process does what claims `file`; waits its turn. Throws Claimed where that does not come. */
export function inTurn<T>(file: string, what: string, work: () => T, patience = PATIENCE_MS): T {
  const mine = ownerNow();
  const held = takeWithin(patience, file, mine);
  if (held !== undefined) {
    throw new Claimed(
      `${what} ${describe(held)}, and did not get done within ${patience / 1000} s. End it, and start the command again. (${file})`,
    );
  }
  try {
    return work();
  } finally {
    release(file, mine);
  }
}

/** Undefined: taken. Else who still has it when `patience` milliseconds are over. */
function takeWithin(patience: number, file: string, mine: Owner): Owner | undefined {
  const end = Date.now() + patience;
  let held = take(file, mine);
  while (held !== undefined && Date.now() < end) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP_MS);
    held = take(file, mine);
  }
  return held;
}

/** Undefined: taken. Else who has it. */
function take(file: string, mine: Owner): Owner | undefined {
  const own = unfinishedName(file);
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    removeUnfinished(path.dirname(file));
    writeFileSync(own, JSON.stringify(mine));
    for (;;) {
      try {
        // Unlike a file that is opened and then written, a link is there with all it says, or not.
        linkOrWrite(own, file, mine);
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const text = textOf(file);
      // It was given back this moment.
      if (text === undefined) continue;
      const owner = parse(text);
      if (owner && isHeld(owner)) return owner;
      moveAway(file, text);
    }
  } catch (error) {
    throw new GateError(
      `${file}: cannot be written (${messageOf(error)}). Check the folder's permissions and space.`,
    );
  } finally {
    rmSync(own, { force: true });
  }
}

/** Throws EEXIST where `file` is there. */
function linkOrWrite(own: string, file: string, mine: Owner): void {
  try {
    linkSync(own, file);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    writeFileSync(file, JSON.stringify(mine), { flag: 'wx' });
  }
}

/** Removes a claim of a process that is gone; one that came into its place meanwhile is put back. */
function moveAway(file: string, text: string): void {
  const aside = unfinishedName(file);
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (textOf(aside) !== text) {
    try {
      linkSync(aside, file);
    } catch {
      // A third one has it.
    }
  }
  rmSync(aside, { force: true });
}

function release(file: string, { token }: Owner): void {
  if (parse(textOf(file) ?? '')?.token === token) rmSync(file, { force: true });
}

function ownerNow(): Owner {
  return {
    pid: process.pid,
    machine: MACHINE,
    started: startOf(process.pid),
    since: Date.now(),
    command: process.argv
      .slice(1, 4)
      .map((word) => path.basename(word))
      .join(' '),
    token: randomBytes(6).toString('hex'),
  };
}

/** What another machine claims stays claimed: its processes cannot be looked up. */
function isHeld({ pid, machine, started }: Owner): boolean {
  return machine !== MACHINE || (isAlive(pid) && startOf(pid) === started);
}

function describe({ pid, since, command, machine }: Owner): string {
  const minutes = Math.max(0, Math.round((Date.now() - since) / 60_000));
  const where = machine === MACHINE ? '' : ' of another machine';
  return `is being done by process ${pid}${where} (${command}), since ${minutes} min`;
}

/** Undefined: it is not there. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): Owner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
