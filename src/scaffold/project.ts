import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { GateError } from '../errors.ts';

/** The example that every project begins with: what is tested is what is handed out. */
const EXAMPLE = fileURLToPath(new URL('../../examples/shapes', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));

const VITEST_CONFIG = /^vite(?:st)?\.config\.[cm]?[jt]s$/;
const WORKFLOW = '.github/workflows/gate.yml';
const SPEC = 'spec/shapes.spec.ts';

/** What is written into a folder so that it has a gate. */
export interface ProjectPlan {
  /** New files, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** package.json with what it lacked. */
  readonly manifest: string;
  /** npm script that runs the gate. */
  readonly script: 'test' | 'gate';
}

const manifestSchema = z.looseObject({
  type: z.string().optional(),
  scripts: z.record(z.string(), z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
});
type Manifest = z.infer<typeof manifestSchema>;
const ownSchema = z.looseObject({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  peerDependencies: z.record(z.string(), z.string()),
});

/**
 * Plans a gate for `folder`: an empty one, or a project, whose files all stay. `source` is where npm finds this package (default: its
 * version in the registry). Throws GateError where package.json is none.
 */
export async function planProject(folder: string, source?: string): Promise<ProjectPlan> {
  const there = existsSync(folder) ? await readdir(folder) : [];
  const before = there.includes('package.json')
    ? await readManifest(join(folder, 'package.json'))
    : { name: 'gate', private: true, type: 'module' };
  const isTaken = there.some((file) => VITEST_CONFIG.test(file)) || hasTests(before);
  const script = isTaken ? 'gate' : 'test';
  const config = await example('vitest.config.ts');
  // Its imports are those of a module, whatever the files of this package are by default.
  const ending = before.type === 'module' ? 'ts' : 'mts';
  // Where a project has a configuration of its own, that one stays as it is.
  const configFile = `vitest.${isTaken ? 'gate.' : ''}config.${ending}`;
  const files = new Map<string, string>([
    ['network.ts', await example('network.ts')],
    ['shapes.ts', await example('shapes.ts')],
    [SPEC, await example(SPEC)],
    ['spec/targets.lock.json', await example('spec/targets.lock.json')],
    // Beside specs of another configuration the gate takes only its own.
    [configFile, isTaken ? config.replace('spec/*.spec.ts', SPEC) : config],
  ]);
  if (!there.includes('tsconfig.json')) files.set('tsconfig.json', await example('tsconfig.json'));
  if (!there.includes('.gitignore')) files.set('.gitignore', 'node_modules/\nreports/\n');
  if (!existsSync(join(folder, WORKFLOW))) {
    files.set(WORKFLOW, (await example('workflow.yml')).replace('npm test', `npm run ${script}`));
  }
  const command = isTaken ? `vitest run --config ${configFile}` : 'vitest run';
  const manifest = withGate(before, { [script]: command }, await needs(source));
  return { files, manifest: `${JSON.stringify(manifest, null, 2)}\n`, script };
}

/** What `npm init` writes in place of a test is none. */
function hasTests({ scripts }: Manifest): boolean {
  const test = scripts?.['test'];
  return test !== undefined && !test.includes('no test specified');
}

interface Needs {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** What the gate needs, in the versions that this package was tested with. */
async function needs(source: string | undefined): Promise<Needs> {
  const own = ownSchema.parse(JSON.parse(await readFile(PACKAGE, 'utf8')));
  const tfjs = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'];
  return {
    dependencies: Object.fromEntries(tfjs.map((name) => [name, own.dependencies[name]!])),
    devDependencies: { codecodecode: source ?? `^${own.version}`, vitest: own.peerDependencies['vitest']! },
  };
}

function withGate(
  before: Manifest,
  scripts: Readonly<Record<string, string>>,
  { dependencies, devDependencies }: Needs,
): Manifest {
  const has = { ...before.dependencies, ...before.devDependencies };
  const lacking = (wanted: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(wanted).filter(([name]) => has[name] === undefined));
  return {
    ...before,
    scripts: { ...before.scripts, ...scripts },
    dependencies: { ...before.dependencies, ...lacking(dependencies) },
    devDependencies: { ...before.devDependencies, ...lacking(devDependencies) },
  };
}

async function readManifest(file: string): Promise<Manifest> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw new GateError(`${file} is not a package.json that npm would read: mend it first.`);
  }
}

function example(file: string): Promise<string> {
  return readFile(join(EXAMPLE, file), 'utf8');
}
