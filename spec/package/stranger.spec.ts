import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Summary, summarySchema } from '../../src/report/summary.ts';

/**
 * What somebody has who installs the package: `npm pack`, `npm install` of the tarball in an empty folder, the example
 * copied into it. Nothing of this repository is within its reach.
 */
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const SPEC = 'spec/shapes.spec.ts';
/** npm fetches what is not in its cache. */
const INSTALL_TIMEOUT = 300_000;

let folder = '';
let app = '';
let tarball = '';
let packed: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codecodecode-'));
  app = join(folder, 'app');
  const { output } = await npm(ROOT, 'pack', '--json', '--pack-destination', folder);
  tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'))!;
  packed = filesOf(output);
  await cp(join(ROOT, 'examples/shapes'), app, { recursive: true });
  await npm(app, 'pkg', 'set', `devDependencies.codecodecode=file:../${tarball}`);
  const { exitCode, output: log } = await npm(app, 'install', '--prefer-offline', '--no-audit', '--no-fund');
  expect(exitCode, log).toBe(0);
  await cp(app, join(folder, 'unbroken'), {
    recursive: true,
    filter: (from) => !from.includes('node_modules'),
  });
}, INSTALL_TIMEOUT);

afterEach(() => cp(join(folder, 'unbroken'), app, { recursive: true }));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the package', () => {
  test('holds what runs, its types and the example that init begins with, and no source, spec, record or tool', () => {
    expect(packed).toContain('build/kernels.wasm');
    expect(packed).toContain('dist/index.js');
    expect(packed).toContain('dist/index.d.ts');
    const strange =
      /^(?!dist\/|examples\/shapes\/|build\/kernels\.wasm$|package\.json$|README\.md$|CHANGELOG\.md$|LICENSE$)/;
    expect(packed.filter((file) => strange.test(file))).toEqual([]);
    expect(packed.filter((file) => /^(?!examples\/).*(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  test('gives its matchers and functions their types', async () => {
    const checked = await run(app, process.execPath, [TSC, '-p', '.']);
    expect(checked.output).toBe('');
    await edit(SPEC, 'toHaveFewerParametersThan(1_000)', "toHaveFewerParametersThan('few')");
    const wrong = await run(app, process.execPath, [TSC, '-p', '.']);
    expect(wrong.output).toContain(
      "Argument of type 'string' is not assignable to parameter of type 'number'",
    );
  });
});

describe("a stranger's gate", () => {
  test('is green in CI when every target is measured and met', async () => {
    const { exitCode, output, summary } = await gate();
    expect(output).toContain('8 targets met');
    expect(exitCode).toBe(0);
    expect(summary.iterations.map(({ id, provenance }) => [id, provenance])).toEqual([
      ['1-shapes', 'trained'],
    ]);
  });

  test('prints the layers of its model, largest first', async () => {
    await gate();
    const { exitCode, output } = await npm(app, 'run', '--silent', 'why');
    expect(exitCode).toBe(0);
    const layers = output.split('\n').map((line) => line.split(' ')[0]);
    expect(layers.indexOf('conv2')).toBeGreaterThan(0);
    expect(layers.indexOf('conv1')).toBeGreaterThan(layers.indexOf('conv2'));
  });

  test('is red with exit code 1 when its network grows, and says by how much', async () => {
    await edit('network.ts', 'filters: 8', 'filters: 16');
    const { exitCode, output } = await gate();
    expect(output).toMatch(/✗ parameters < 1,000 +1,375 \(fail\)/);
    expect(exitCode).toBe(1);
  });

  test('is red with exit code 1 when its network no longer learns', async () => {
    await edit('network.ts', 'learningRate: 0.003', 'learningRate: 3');
    const { exitCode, output } = await gate();
    expect(output).toMatch(/✗ final test accuracy ≥ 95 % +[\d.]+ % \(fail\)/);
    expect(exitCode).toBe(1);
  });

  test('is red with exit code 3 when a target is skipped', async () => {
    await edit(SPEC, "test('ends at", "test.skip('ends at");
    const { exitCode, output } = await gate();
    expect(unwrapped(output)).toContain(
      '"the network that tells shapes apart > ends at or above 95 % of the test pictures" was skipped',
    );
    expect(exitCode).toBe(3);
  });

  test('is red with exit code 3 when its spec is renamed', async () => {
    await rename(join(app, SPEC), join(app, 'spec/later.ts'));
    const { exitCode, output } = await gate();
    expect(unwrapped(output)).toContain(`${SPEC} is gone: deleted or renamed`);
    expect(exitCode).toBe(3);
  });

  test('is red with exit code 3 when a target is loosened in the spec alone', async () => {
    await edit(SPEC, 'toEndAtOrAbove(95)', 'toEndAtOrAbove(90)');
    const { exitCode, output } = await gate();
    expect(unwrapped(output)).toContain(
      'says final test accuracy >= 95 %, the spec final test accuracy >= 90 %',
    );
    expect(exitCode).toBe(3);
  });
});

describe('codecodecode init', { timeout: INSTALL_TIMEOUT }, () => {
  const codecodecode = (cwd: string, ...args: readonly string[]) =>
    npm(
      cwd,
      'exec',
      '--yes',
      '--prefer-offline',
      `--package=file:${join(folder, tarball)}`,
      '--',
      'codecodecode',
      ...args,
    );

  test('makes of an empty folder a project whose gate is green', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const { exitCode, output } = await codecodecode(empty, 'init', '--package', `file:../${tarball}`);
    expect(output).toContain('8 targets met');
    expect(output).toContain('The gate is green');
    expect(exitCode).toBe(0);

    // Again it refuses, and writes nothing over.
    const again = await codecodecode(empty, 'init');
    expect(again.output).toContain('already there, and never written over');
    expect(again.exitCode).toBe(4);
  });

  test('leaves the specs of a Vitest project as they are, and puts the gate beside them', async () => {
    const theirs = join(folder, 'theirs');
    await mkdir(theirs);
    const config = "import { defineConfig } from 'vitest/config';\nexport default defineConfig({});\n";
    await writeFile(join(theirs, 'vitest.config.ts'), config);
    await writeFile(
      join(theirs, 'package.json'),
      '{ "type": "module", "scripts": { "test": "vitest run" } }',
    );
    await writeFile(
      join(theirs, 'own.spec.ts'),
      "import { test } from 'vitest';\ntest('theirs', () => {});\n",
    );
    await cp(join(app, 'node_modules'), join(theirs, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    expect(await codecodecode(theirs, 'init', '--no-install')).toMatchObject({ exitCode: 0 });
    const gated = await npm(theirs, 'run', 'gate');
    expect(gated.output).toContain('8 targets met');
    expect(gated.exitCode).toBe(0);
    const own = await npm(theirs, 'test');
    expect(own.output).toContain('own.spec.ts');
    expect(own.exitCode).toBe(0);
    expect(await readFile(join(theirs, 'vitest.config.ts'), 'utf8')).toBe(config);
  });
});

interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

async function gate(): Promise<Ended & { readonly summary: Summary }> {
  await rm(join(app, 'reports'), { recursive: true, force: true });
  const ended = await npm(app, 'test', '--silent');
  const file = join(app, 'reports/summary.json');
  return { ...ended, summary: summarySchema.parse(JSON.parse(await readFile(file, 'utf8'))) };
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(app, file), 'utf8');
  expect(text).toContain(from);
  await writeFile(join(app, file), text.replace(from, to));
}

function filesOf(packOutput: string): string[] {
  const json = packOutput.slice(packOutput.indexOf('[\n'));
  const [tarball] = JSON.parse(json) as { files: { path: string }[] }[];
  return tarball!.files.map(({ path }) => path);
}

function npm(cwd: string, ...args: readonly string[]): Promise<Ended> {
  return run(cwd, 'npm', args);
}

/** As if typed in CI: what this test run itself was started with is left out. */
function run(cwd: string, command: string, args: readonly string[]): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_.*|GITHUB_.*|GATE_.*|VITEST.*|NODE_ENV|TEST)$/i.test(name),
  );
  const env = { ...Object.fromEntries(inherited), CI: '1', NO_COLOR: '1' };
  return new Promise((done) => {
    const child = execFile(command, [...args], { cwd, env }, (_error, stdout, stderr) =>
      done({
        exitCode: child.exitCode ?? -1,
        output: stdout + (command === 'npm' && args[0] === 'pack' ? '' : stderr),
      }),
    );
  });
}

/** The terminal breaks long lines at its width. */
function unwrapped(output: string): string {
  return output.replaceAll(/\s+/g, ' ');
}
