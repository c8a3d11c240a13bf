import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStudy } from '../../../src/study/store.ts';
import { readRecords, readWeights } from '../../../src/training/store.ts';

/** What is interrupted: a command, and whether what it found before may be an older run. */
export interface Work {
  readonly name: string;
  readonly args: readonly string[];
  /** Beside the environment of all: where MNIST is. */
  readonly env: (folder: string) => Readonly<Record<string, string>>;
  readonly mayReplace: boolean;
}

const GIVEN = (folder: string) => ({ MNIST_DIR: join(folder, 'mnist') });

export const WORKS: readonly Work[] = [
  { name: 'train', args: ['train', '1', '--threads', '2'], env: GIVEN, mayReplace: true },
  { name: 'study', args: ['study', '1', '--seeds', '1-3', '--jobs', '2'], env: GIVEN, mayReplace: false },
  { name: 'bless', args: ['bless'], env: GIVEN, mayReplace: true },
  { name: 'fetch', args: ['mnist'], env: () => ({}), mayReplace: false },
];

const ITERATION = '1-digits';

/** What commands write to. The folder of dependencies, the sources and what was built from them is not. */
const WATCHED = ['disk', 'spec', 'reports'];
/** What differs from run to run however it goes: when, and how fast. */
const TIMES = new Set(['seal', 'seconds', 'threads']);

/** Every file that is there with the hash of what it says, but for times; a report by its name only. */
export function stateOf(folder: string): ReadonlyMap<string, string> {
  const state = new Map<string, string>();
  for (const watched of WATCHED) {
    if (!existsSync(join(folder, watched))) continue;
    const found = readdirSync(join(folder, watched), { recursive: true, withFileTypes: true });
    for (const entry of found.filter((each) => !each.isDirectory())) {
      const file = join(entry.parentPath, entry.name);
      const name = file.slice(folder.length + 1);
      state.set(name, watched === 'reports' ? 'a report' : hashOf(readFileSync(file), name));
    }
  }
  return state;
}

/** In which files two states differ, in words; empty: in none. */
export function differences(
  state: ReadonlyMap<string, string>,
  expected: ReadonlyMap<string, string>,
): string[] {
  const stray = [...state.keys()].filter((name) => !expected.has(name)).map((name) => `stray file ${name}`);
  const other = [...expected].flatMap(([name, hash]) => {
    const found = state.get(name);
    return found === undefined ? [`${name} is missing`] : found === hash ? [] : [`${name} has other bits`];
  });
  return [...stray, ...other];
}

/** Throws where what a command left cannot be read: half a file, or a record beside the weights of another. */
export function demandReadable(folder: string): void {
  const runs = join(folder, 'runs');
  for (const record of readRecords(runs, ITERATION, 'wasm')) readWeights(runs, record);
  readStudy(join(runs, `${ITERATION}.study.json`));
  const reports = join(folder, 'reports/summary.json');
  if (existsSync(reports)) JSON.parse(readFileSync(reports, 'utf8'));
}

function hashOf(bytes: Buffer, name: string): string {
  const content = name.endsWith('.json')
    ? JSON.stringify(JSON.parse(bytes.toString('utf8')), (key, value: unknown) =>
        TIMES.has(key) ? undefined : value,
      )
    : bytes;
  return createHash('sha256').update(content).digest('hex');
}
