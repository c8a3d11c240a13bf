import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { TestModule } from 'vitest/node';
import { startVitest } from 'vitest/node';
import { ExitCode, GateError } from '../errors.ts';
import { unacknowledged } from '../gates/loosening.ts';
import { LOCK_FILE, lockOf, parseLock, type Lock } from '../gates/manifest.ts';
import { DECLARE_ONLY } from '../matchers/meta.ts';
import { describeTarget } from '../gates/verdict.ts';
import { againstBase } from '../report/base.ts';
import { collect } from '../report/collect.ts';

export const TARGETS_USAGE = `targets                       lists the locked targets
targets --update              runs the specs and writes ${LOCK_FILE}
targets --base origin/main    compares the lock with that of a revision
  --root FOLDER               another project's folder
  --project NAME              the Vitest project that declares targets`;

interface Request {
  readonly root: string;
  readonly project: string | undefined;
}

/** Lists, writes or compares the lock of targets. Throws GateError for a mistake of the user's. */
export async function targets(args: readonly string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      update: { type: 'boolean', default: false },
      base: { type: 'string' },
      root: { type: 'string', default: '.' },
      project: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const request = { root: resolve(values.root), project: values.project };
  if (values.help) {
    console.log(TARGETS_USAGE);
    return ExitCode.ok;
  }
  if (values.update) return update(request);
  return values.base === undefined ? list(request.root) : compare(request.root, values.base);
}

async function update(request: Request): Promise<ExitCode> {
  if (process.env['CI']) {
    throw new GateError(
      `--update is refused with CI set: the lock is changed by people, in a commit.`,
      ExitCode.missing,
    );
  }
  const lock = await runAndLock(request);
  await writeFile(resolve(request.root, LOCK_FILE), `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${LOCK_FILE}: ${lock.targets.length} targets. Commit it with the change of the specs.`);
  return ExitCode.ok;
}

/** A target need not be met to be locked: the lock says what is promised. */
async function runAndLock({ root, project }: Request): Promise<Lock> {
  let modules: readonly TestModule[] = [];
  const collector = { onTestRunEnd: (ended: readonly TestModule[]) => void (modules = ended) };
  const options = { root, watch: false, reporters: [collector], ...(project ? { project: [project] } : {}) };
  // Matchers then record and do not throw: a target that is not met does not hide those after it.
  process.env[DECLARE_ONLY] = '1';
  const vitest = await startVitest('test', [], options);
  await vitest.close();
  const before = existsSync(resolve(root, LOCK_FILE)) ? readLock(root) : undefined;
  return lockOf(collect(modules, { root, lines: false }).facts, before);
}

async function compare(root: string, revision: string): Promise<ExitCode> {
  const { targetChanges, notices } = await againstBase(revision, { folder: root }, readLock(root), []);
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
