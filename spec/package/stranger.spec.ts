import { cp, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type App, installExample, unwrapped } from './app.ts';
import { npm, ROOT } from './programs.ts';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const SPEC = 'spec/shapes.spec.ts';
const INSTALL_TIMEOUT = 300_000;

let app: App;
beforeAll(async () => {
  app = await installExample('shapes');
}, INSTALL_TIMEOUT);
afterEach(() => app.restore());
afterAll(() => app.remove());

describe('the package', () => {
  test('holds what runs, its types and the example that init begins with, and no source, spec, record or tool', () => {
    expect(app.packed).toContain('build/kernels.wasm');
    expect(app.packed).toContain('dist/index.js');
    expect(app.packed).toContain('dist/index.d.ts');
    const strange =
      /^(?!dist\/|examples\/shapes\/|build\/kernels\.wasm$|package\.json$|README\.md$|CHANGELOG\.md$|LICENSE$)/;
    expect(app.packed.filter((file) => strange.test(file))).toEqual([]);
    expect(app.packed.filter((file) => /^(?!examples\/).*(?<!\.d)\.ts$/.test(file))).toEqual([]);
  });

  test('gives its matchers and functions their types', async () => {
    const checked = await app.run(process.execPath, [TSC, '-p', '.']);
    expect(checked.output).toBe('');
    await app.edit(SPEC, 'toHaveFewerParametersThan(1_000)', "toHaveFewerParametersThan('few')");
    const wrong = await app.run(process.execPath, [TSC, '-p', '.']);
    expect(wrong.output).toContain(
      "Argument of type 'string' is not assignable to parameter of type 'number'",
    );
  });
});

describe("a stranger's gate", () => {
  test('is green in CI when every target is measured and met', async () => {
    const { exitCode, output, summary } = await app.gate();
    expect(output).toContain('8 targets met');
    expect(unwrapped(output)).toContain('npx codecodecode report opens it');
    expect(exitCode).toBe(0);
    expect(summary.iterations.map(({ id, provenance }) => [id, provenance])).toEqual([
      ['1-shapes', 'trained'],
    ]);
  });

  test('prints the layers of its model, largest first', async () => {
    await app.gate();
    const { exitCode, output } = await app.npm('run', '--silent', 'why');
    expect(exitCode).toBe(0);
    const layers = output.split('\n').map((line) => line.split(' ')[0]);
    expect(layers.indexOf('conv2')).toBeGreaterThan(0);
    expect(layers.indexOf('conv1')).toBeGreaterThan(layers.indexOf('conv2'));
  });

  test('is red with exit code 1 when its network grows, and says by how much', async () => {
    await app.edit('network.ts', 'filters: 8', 'filters: 16');
    const { exitCode, output } = await app.gate();
    expect(output).toMatch(/✗ parameters < 1,000 +1,375 \(fail\)/);
    expect(exitCode).toBe(1);
  });

  test('is red with exit code 1 when its network no longer learns', async () => {
    await app.edit('network.ts', 'learningRate: 0.003', 'learningRate: 3');
    const { exitCode, output } = await app.gate();
    expect(output).toMatch(/✗ final test accuracy ≥ 95 % +[\d.]+ % \(fail\)/);
    expect(exitCode).toBe(1);
  });

  test('is red with exit code 3 when a target is skipped', async () => {
    await app.edit(SPEC, "test('ends at", "test.skip('ends at");
    const { exitCode, output } = await app.gate();
    expect(unwrapped(output)).toContain(
      '"the network that tells shapes apart > ends at or above 95 % of the test pictures" was skipped',
    );
    expect(exitCode).toBe(3);
  });

  test('is red with exit code 3 when its spec is renamed', async () => {
    await rename(join(app.folder, SPEC), join(app.folder, 'spec/later.ts'));
    const { exitCode, output } = await app.gate();
    expect(unwrapped(output)).toContain(`${SPEC} is gone: deleted or renamed`);
    expect(exitCode).toBe(3);
  });

  test('is red with exit code 3 when a target is loosened in the spec alone', async () => {
    await app.edit(SPEC, 'toEndAtOrAbove(95)', 'toEndAtOrAbove(90)');
    const { exitCode, output } = await app.gate();
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
      `--package=file:${join(app.around, app.tarball)}`,
      '--',
      'codecodecode',
      ...args,
    );

  test('makes of an empty folder a project whose gate is green', async () => {
    const empty = join(app.around, 'empty');
    await mkdir(empty);
    const { exitCode, output } = await codecodecode(empty, 'init', '--package', `file:../${app.tarball}`);
    expect(output).toContain('8 targets met');
    expect(output).toContain('The gate is green');
    expect(exitCode).toBe(0);

    // Again it refuses, and writes nothing over.
    const again = await codecodecode(empty, 'init');
    expect(again.output).toContain('already there, and never written over');
    expect(again.exitCode).toBe(4);
  });

  test('leaves the specs of a Vitest project as they are, and puts the gate beside them', async () => {
    const theirs = join(app.around, 'theirs');
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
    await cp(join(app.folder, 'node_modules'), join(theirs, 'node_modules'), {
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
