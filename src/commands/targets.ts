import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import type { TestModule } from 'vitest/node';
import { ending } from '../cli/run.ts';
import { print, printError } from '../cli/terminal.ts';
import { ExitCode, GateError } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import { unacknowledged } from '../gates/loosening.ts';
import { LOCK_FILE, lockOf, parseLock, type Lock } from '../gates/manifest.ts';
import { DECLARE_ONLY } from '../matchers/meta.ts';
import { describeTarget } from '../gates/verdict.ts';
import { againstBase } from '../report/base.ts';
import { collect } from '../report/collect.ts';
import { refuseInCi } from './options.ts';

export const targets = new Command('targets')
  .description(`Lists the targets that ${LOCK_FILE} promises.`)
  .addOption(
    new Option('--update', `run the specs and write ${LOCK_FILE}; refused with CI set`)
      .conflicts('base')
      .default(false),
  )
  .option('--base <revision>', 'compare the lock with that of a revision, such as origin/main')
  .option('--root <folder>', "another project's folder", '.')
  .option('--project <name>', 'the Vitest project that declares targets')
  .action(
    ending(async ({ update, base, root: folder, project }) => {
      const root = resolve(folder);
      if (update) return writeLock({ root, project });
      return base === undefined ? list(root) : compare(root, base);
    }),
  );

interface Request {
  readonly root: string;
  readonly project: string | undefined;
}

/** Runs the specs and writes what they declare as the lock. Throws GateError with CI set, or where a target is skipped. */
export async function writeLock(request: Request): Promise<void> {
  refuseInCi('--update is refused with CI set: the lock is changed by people, in a commit.');
  const lock = await runAndLock(request);
  writeWhole(resolve(request.root, LOCK_FILE), `${JSON.stringify(lock, null, 2)}\n`);
  print(`${LOCK_FILE}: ${lock.targets.length} targets. Commit it with the change of the specs.`);
}

/** A target need not be met to be locked: the lock says what is promised. */
async function runAndLock({ root, project }: Request): Promise<Lock> {
  let modules: readonly TestModule[] = [];
  const collector = { onTestRunEnd: (ended: readonly TestModule[]) => void (modules = ended) };
  const options = { root, watch: false, reporters: [collector], ...(project ? { project: [project] } : {}) };
  // Only here: Vitest takes seconds to load.
  const { startVitest } = await import('vitest/node');
  // Matchers then record and do not throw: a target that is not met does not hide those after it.
  process.env[DECLARE_ONLY] = '1';
  const vitest = await startVitest('test', [], options);
  await vitest.close();
  return lockOf(collect(modules, { root, lines: false }).facts, lockBefore(root));
}

/** One that is broken is what this command is to mend. */
function lockBefore(root: string): Lock | undefined {
  try {
    return readLock(root);
  } catch {
    return undefined;
  }
}

async function compare(root: string, revision: string): Promise<ExitCode> {
  const { targetChanges, notices } = await againstBase(revision, { folder: root }, readLock(root), []);
  for (const notice of notices) print(notice);
  if (targetChanges.length === 0) print(`The targets are those of ${revision}.`);
  for (const { kind, target, from, to, reason } of targetChanges) {
    print(`${kind}: ${target}\n  from: ${from}\n  to:   ${to}${reason ? `\n  acknowledged: ${reason}` : ''}`);
  }
  const red = unacknowledged(targetChanges);
  if (red.length === 0) return ExitCode.ok;
  printError(
    `${red.length} loosened or removed. Take it back, or add an entry { "target", "from", "to", "reason" } for each to spec/loosened.json.`,
  );
  return ExitCode.missing;
}

function list(root: string): ExitCode {
  for (const target of readLock(root).targets) print(`${target.iteration}: ${describeTarget(target)}`);
  return ExitCode.ok;
}

function readLock(root: string): Lock {
  const file = resolve(root, LOCK_FILE);
  if (existsSync(file)) return parseLock(readFileSync(file, 'utf8'), LOCK_FILE);
  throw new GateError(`There is no ${LOCK_FILE}. Run "npm run targets -- --update".`, ExitCode.missing);
}
