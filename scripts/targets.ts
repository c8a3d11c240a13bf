import { writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import type { TestModule } from 'vitest/node';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { unacknowledged } from '../src/gates/loosening.ts';
import { LOCK_FILE, lockOf, parseLock } from '../src/gates/manifest.ts';
import type { Lock } from '../src/gates/manifest.ts';
import { describeTarget } from '../src/gates/verdict.ts';
import { againstBase } from '../src/report/base.ts';
import { collect } from '../src/report/collect.ts';

const USAGE = `npm run targets                       lists the locked targets
npm run targets -- --update            runs the specs of the networks and writes ${LOCK_FILE}
npm run targets -- --base origin/main  compares the lock with that of a revision`;

/** `--root`: another project's folder; `--project`: which Vitest project declares targets. */
const { values } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    base: { type: 'string' },
    root: { type: 'string', default: '.' },
    project: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

try {
  process.exitCode = await main(resolve(values.root));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
}

async function main(root: string): Promise<ExitCode> {
  if (values.help) {
    console.log(USAGE);
    return ExitCode.ok;
  }
  if (values.update) return update(root);
  return values.base === undefined ? list(root) : compare(root, values.base);
}

async function update(root: string): Promise<ExitCode> {
  if (process.env['CI']) {
    throw new GateError(
      `--update is refused with CI set: the lock is changed by people, in a commit.`,
      ExitCode.missing,
    );
  }
  const lock = await runAndLock(root);
  await writeFile(resolve(root, LOCK_FILE), `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${LOCK_FILE}: ${lock.targets.length} targets. Commit it with the change of the specs.`);
  return ExitCode.ok;
}

/** A target need not be met to be locked: the lock says what is promised. */
async function runAndLock(root: string): Promise<Lock> {
  let modules: readonly TestModule[] = [];
  const collector = { onTestRunEnd: (ended: readonly TestModule[]) => void (modules = ended) };
  const project = values.project === undefined ? {} : { project: [values.project] };
  const vitest = await startVitest('test', [], { root, watch: false, reporters: [collector], ...project });
  await vitest.close();
  return lockOf(collect(modules, { root, lines: false }).facts);
}

async function compare(root: string, revision: string): Promise<ExitCode> {
  const { targetChanges, notices } = await againstBase(revision, root, readLock(root), []);
  for (const notice of notices) console.log(notice);
  if (targetChanges.length === 0) console.log(`The targets are those of ${revision}.`);
  for (const { kind, target, from, to, reason } of targetChanges) {
    console.log(
      `${kind}: ${target}\n  from: ${from}\n  to:   ${to}${reason ? `\n  acknowledged: ${reason}` : ''}`,
    );
  }
  const red = unacknowledged(targetChanges);
  if (red.length === 0) return ExitCode.ok;
  console.error(
    `${red.length} loosened or removed. Take it back, or add an entry { "target", "from", "to", "reason" } for each to spec/loosened.json.`,
  );
  return ExitCode.missing;
}

function list(root: string): ExitCode {
  for (const target of readLock(root).targets) console.log(`${target.iteration}: ${describeTarget(target)}`);
  return ExitCode.ok;
}

function readLock(root: string): Lock {
  const file = resolve(root, LOCK_FILE);
  if (existsSync(file)) return parseLock(readFileSync(file, 'utf8'), LOCK_FILE);
  throw new GateError(`There is no ${LOCK_FILE}. Run "npm run targets -- --update".`, ExitCode.missing);
}
