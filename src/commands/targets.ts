import { resolve } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { print, printError } from '../cli/terminal.ts';
import { ExitCode, GateError } from '../errors.ts';
import { unacknowledged } from '../gates/loosening.ts';
import { LOCK_FILE, type Lock } from '../gates/manifest.ts';
import { describeTarget } from '../gates/verdict.ts';
import { againstBase } from '../report/base.ts';
import { refuseInCi } from './options.ts';
import { lockIn, lockSpecs } from './specs.ts';
import { commandLine } from '../command-line.ts';

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
      if (update) {
        refuseInCi('--update is refused with CI set: the lock is changed by people, in a commit.');
        const lock = await lockSpecs({ root, project });
        return print(`${LOCK_FILE}: ${lock.targets.length} targets. Commit it with the change of the specs.`);
      }
      return base === undefined ? list(root) : compare(root, base);
    }),
  );

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
  const lock = lockIn(root);
  if (lock) return lock;
  throw new GateError(
    `There is no ${LOCK_FILE}. Run "${commandLine('targets --update')}".`,
    ExitCode.missing,
  );
}
