import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { GateError, messageOf } from '../errors.ts';
import { isAlive, MACHINE, startOf } from './process.ts';

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

/** Between two looks, and how long a short piece of work of another process is waited for. */
const NAP_MS = 25;
const PATIENCE_MS = 30_000;

/** Another process has it. */
export class Claimed extends GateError {}

/** Takes `file` for `what`; gives back what releases it. Throws Claimed, with owner and age, where a living process has it. */
export function claim(file: string, what: string): () => void {
  const mine = ownerNow();
  const held = take(file, mine);
  if (held === undefined) return () => release(file, mine);
  throw new Claimed(`${what} ${describe(held)}. Wait for it, or end it. (${file})`);
}

/** Does a short piece of work while no other process does what claims `file`; waits its turn. */
export function inTurn<T>(file: string, what: string, work: () => T): T {
  const mine = ownerNow();
  const end = Date.now() + PATIENCE_MS;
  for (let held = take(file, mine); held !== undefined; held = take(file, mine)) {
    if (Date.now() > end) {
      throw new GateError(
        `${what} ${describe(held)}, and did not get done within ${PATIENCE_MS / 1000} s. End it, and start the command again. (${file})`,
      );
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP_MS);
  }
  try {
    return work();
  } finally {
    release(file, mine);
  }
}

/** Undefined: taken. Else who has it. */
function take(file: string, mine: Owner): Owner | undefined {
  const own = `${file}.${mine.token}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(own, JSON.stringify(mine));
    for (;;) {
      try {
        // Unlike a file that is opened and then written, a link is there with all it says, or not.
        linkSync(own, file);
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const text = textOf(file);
      const owner = text === undefined ? undefined : parse(text);
      if (owner && isHeld(owner)) return owner;
      if (text !== undefined) moveAway(file, text, mine);
      else if (existsSync(file)) throw new Error('what lies there cannot be read');
    }
  } catch (error) {
    throw new GateError(
      `${file}: cannot be written (${messageOf(error)}). Check the folder's permissions and space.`,
    );
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes a claim of a process that is gone; one that came into its place meanwhile is put back. */
function moveAway(file: string, text: string, { token }: Owner): void {
  const aside = `${file}.${token}.gone`;
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

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): Owner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
