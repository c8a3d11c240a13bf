import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExitCode } from '../../src/errors.ts';
import { type Ended, runCommandIn } from '../../scripts/support/crashtest/command.ts';
import { smallDisk } from '../../scripts/support/crashtest/disk.ts';
import { makeDisk, makeProject } from '../../scripts/support/crashtest/project.ts';
import { demandReadable, stateOf } from '../../scripts/support/crashtest/works.ts';

/** Nothing is fetched here. */
const NO_MIRROR = 'http://127.0.0.1:9';
const TRAIN = ['train', '1', '--threads', '2'];
const NOWHERE = '/nowhere/at all';
const THREAD = 'dist/engine/native/thread.js';
const NETWORK = 'dist/iterations/digits.js';
const KERNELS = 'build/kernels.wasm';
const MIB = 1 << 20;

let place = '';
/** The built commands with made-up digits for MNIST, in a folder whose name is not plain. */
let folder = '';
/** What `TRAIN` leaves where nothing is odd. */
let undisturbed: ReadonlyMap<string, string>;
/** What stands there before any command. */
let untouched: ReadonlyMap<string, string>;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'environment-'));
  folder = join(place, 'Größe & Maß (2)');
  await makeProject(folder, NO_MIRROR);
  untouched = stateOf(folder);
  expect(await command(TRAIN)).toMatchObject({ exitCode: ExitCode.ok });
  undisturbed = stateOf(folder);
}, 600_000);
afterAll(() => rmSync(place, { recursive: true, force: true }));

interface Case {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Makes the surroundings odd; gives back what undoes it, and what the environment needs for it. Undefined: it cannot be made here. */
  readonly make?: () => Promise<
    { readonly undo: () => Promise<unknown>; readonly env?: Readonly<Record<string, string>> } | undefined
  >;
  readonly exitCode: ExitCode;
  /** One message; undefined: nothing is wrong. */
  readonly says?: RegExp;
}

const CASES: Readonly<Record<string, Case>> = {
  'Turkish, and a day ahead': {
    args: TRAIN,
    env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati' },
    exitCode: ExitCode.ok,
  },
  'no locale and an unknown time zone': {
    args: TRAIN,
    env: { LANG: '', LC_ALL: 'C', TZ: 'Nowhere/At_All' },
    exitCode: ExitCode.ok,
  },
  'a TMPDIR that is not there': { args: TRAIN, env: { TMPDIR: NOWHERE }, exitCode: ExitCode.ok },
  'a TMPDIR that is not there, for what needs one': {
    args: ['backends'],
    env: { TMPDIR: NOWHERE },
    exitCode: ExitCode.infrastructure,
    says: /^\/nowhere\/at all: no folder for temporary files \(ENOENT.*\)\. Set TMPDIR to one that you can write to\.$/,
  },
  'a heap of 256 MB': {
    args: TRAIN,
    env: { NODE_OPTIONS: '--max-old-space-size=256' },
    exitCode: ExitCode.ok,
  },
  'no git, for what needs none': { args: TRAIN, env: { PATH: NOWHERE }, exitCode: ExitCode.ok },
  'no git': {
    args: ['targets', '--base', 'main'],
    env: { PATH: NOWHERE },
    exitCode: ExitCode.infrastructure,
    says: /^The base "main" cannot be read: .*git is not installed/,
  },
  'no git check-out': {
    args: ['targets', '--base', 'main'],
    exitCode: ExitCode.infrastructure,
    says: /^The base "main" cannot be read: .*not a git repository/,
  },
  'a shallow clone': {
    args: ['targets', '--base', 'HEAD~1', '--root', '../shallow'],
    make: shallowClone,
    exitCode: ExitCode.infrastructure,
    says: /^The base "HEAD~1" is not a revision of this repository; this clone is shallow: fetch it \(.*fetch-depth: 0\)\.$/,
  },
  'no kernels built': {
    args: TRAIN,
    make: async () => {
      renameSync(join(folder, KERNELS), join(place, 'kernels.wasm'));
      return { undo: async () => renameSync(join(place, 'kernels.wasm'), join(folder, KERNELS)) };
    },
    exitCode: ExitCode.infrastructure,
    says: /^The WebAssembly kernels are missing: expected .*Maß \(2\)\/build\/kernels\.wasm\. `npm ci` builds them; so does `npm run build:kernels`\.$/,
  },
  'a read-only folder': {
    args: TRAIN,
    make: readOnly,
    exitCode: ExitCode.infrastructure,
    says: /^.*\/runs.*: cannot be written \((EROFS|EACCES).*\)\. /,
  },
  'a full disk': {
    args: TRAIN,
    make: fullDisk,
    exitCode: ExitCode.infrastructure,
    says: /^.*\/runs.*: cannot be written \(ENOSPC.*\)\. /,
  },
};

describe('a command in a path with spaces and umlauts and', { timeout: 300_000 }, () => {
  it.for(Object.entries(CASES))('%s', async ([, { args, env, make, exitCode, says }], { skip }) => {
    await makeDisk(folder);
    const made = await make?.();
    if (make && !made) return skip('it cannot be made by this user');
    try {
      const ended = await command(args, { ...env, ...made?.env });
      expect(ended.exitCode, ended.output).toBe(exitCode);
      if (says) expect(problemsIn(ended)).toEqual([expect.stringMatching(says)]);
      expect(ended.output).not.toMatch(/^\s+at .*:\d+/m);
      demandReadable(folder);
    } finally {
      await made?.undo();
    }
    expect(stateOf(folder)).toEqual(exitCode === ExitCode.ok ? undisturbed : untouched);
  });
});

it(
  'a training one of whose threads throws ends within seconds, with a message and 4',
  { timeout: 300_000 },
  async () => {
    await makeDisk(folder);
    const { undo } = await throwingThread();
    try {
      const ended = await command(TRAIN);
      const now = Date.now();
      expect(ended.exitCode, ended.output).toBe(ExitCode.infrastructure);
      const [fault, message, ...more] = problemsIn(ended);
      expect(message).toMatch(
        /^Thread 2 of 2 of the native engine failed in phase \d+ of \d+ of a training step \(.*\): the images are gone\. Start the command again\.$/,
      );
      expect(more).toEqual([]);
      expect(now - Number(fault!.replace('fault at ', ''))).toBeLessThan(5_000);
      expect(stateOf(folder)).toEqual(untouched);
    } finally {
      await undo();
    }
  },
);

it('a training that diverges says after which epoch, and ends with 1', { timeout: 300_000 }, async () => {
  await makeDisk(folder);
  const text = await readFile(join(folder, NETWORK), 'utf8');
  const diverging = text.replace(/\[0, [\d.]+\]/, '[0, 1e30]');
  expect(diverging).not.toBe(text);
  await writeFile(join(folder, NETWORK), diverging);
  try {
    const ended = await command(TRAIN);
    expect(ended.output).toContain('1-digits: training was stopped after epoch 1: its loss is NaN');
    expect(ended.exitCode, ended.output).toBe(ExitCode.targetFailed);
  } finally {
    await writeFile(join(folder, NETWORK), text);
  }
});

function command(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const given = (at: string) => ({ MNIST_DIR: join(at, 'mnist') });
  return runCommandIn(folder, { name: args[0]!, args, env: given, mayReplace: false }, { env });
}

/** The lines that say what went wrong: without those of a training that goes well, or on. */
function problemsIn({ output }: Ended): string[] {
  const told = /^1-digits|^[\d.]+ % of the test images/;
  return output.split('\n').filter((line) => line !== '' && !told.test(line));
}

async function shallowClone() {
  const origin = join(place, 'origin');
  const clone = join(place, 'shallow');
  await mkdir(join(origin, 'spec'), { recursive: true });
  const lock = await readFile(join(folder, 'spec/targets.lock.json'), 'utf8');
  const git = $({ cwd: origin, quiet: true });
  await git`git init --quiet`;
  for (const text of [lock, `${lock}\n`]) {
    await writeFile(join(origin, 'spec/targets.lock.json'), text);
    await git`git add .`;
    await git`git -c user.name=spec -c user.email=spec@example.invalid commit --quiet -m Change`;
  }
  await git`git clone --quiet --depth 1 ${`file://${origin}`} ${clone}`;
  return { undo: async () => rmSync(clone, { recursive: true }) };
}

/** Root may write wherever the disk lets it: for root the disk is one that does not. */
async function readOnly() {
  const disk = join(folder, 'disk');
  if (process.getuid?.() !== 0) {
    const folders = ['runs', 'cache'].map((name) => join(disk, name));
    for (const each of folders) await chmod(each, 0o555);
    return { undo: () => Promise.all(folders.map((each) => chmod(each, 0o755))) };
  }
  const quietly = $({ quiet: true, nothrow: true });
  if ((await quietly`mount -t tmpfs -o size=${MIB} tmpfs ${disk}`).exitCode !== 0) return undefined;
  await makeDisk(folder);
  await quietly`mount -o remount,ro ${disk}`;
  return { undo: () => quietly`umount ${disk}` };
}

async function fullDisk() {
  const disk = await smallDisk(join(folder, 'disk'), MIB, process.getuid?.() === 0);
  await makeDisk(folder);
  const env = disk.fill(4_096);
  return {
    env,
    async undo() {
      // What the command left on it is what counts.
      await disk.empty();
      const left = stateOf(folder);
      await disk.unmount();
      await makeDisk(folder);
      expect(left).toEqual(untouched);
    },
  };
}

/** Has every thread but the first throw at its hundredth look at the images, and tell when that was. */
async function throwingThread() {
  const file = join(folder, THREAD);
  const text = await readFile(file, 'utf8');
  const faulty = text.replace(
    'serve(plan,',
    `const { pixels } = plan.train;
let looks = 0;
const images = { ...plan.train, get pixels() {
  if (++looks < 100) return pixels;
  writeSync(2, 'fault at ' + Date.now() + '\\n');
  throw new Error('the images are gone');
} };
serve({ ...plan, train: images },`,
  );
  expect(faulty).not.toBe(text);
  await writeFile(file, `import { writeSync } from 'node:fs';\n${faulty}`);
  return { undo: () => writeFile(file, text) };
}
