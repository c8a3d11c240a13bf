import { join } from 'node:path';
import { LOCK_FILE } from '../../../../src/gates/manifest.ts';
import type { Copy, Ended, Variables } from '../copy.ts';
import { type Mutant, records, RECORDS } from '../mutant.ts';

/** Sections C and D in the process of the test run: what its reporter sees by itself, on records made by hand. */

const CONFIG = `${RECORDS}/vitest.config.ts`;
const LARGE = `${RECORDS}/spec/networks/2-large.spec.ts`;
const LOCK = `${RECORDS}/${LOCK_FILE}`;
const HOLDS = "test('holds 99 % from epoch 2 to 3', () => {";
const CALL = 'expect(large()).toHoldTestAccuracy(99, { from: 2, within: 3 });';
const IMPORT = "import { expect, test } from 'vitest';";
const WORSE =
  "const worse = () => evidence({ id: '2-large', name: 'Large', parameters: 9_714, test: [98, 98, 98] });";

export const bypassedMutants: readonly Mutant[] = [
  red(
    'a target hidden by one that is not met',
    'C1: targets --update, and a test that throws behind its target',
    '"holds 99 % from epoch 2 to 3" failed',
    (copy) => copy.edit(LARGE, CALL, `${CALL} throw new Error('not today');`),
    (copy) => copy.script('src/bin/codecodecode.ts', ['targets', '--update', '--root', RECORDS], { CI: '' }),
  ),
  red(
    'a test that lost its target',
    'C1: targets --update, and a test that passes without it',
    '"holds 99 % from epoch 2 to 3" passed',
    (copy) => copy.edit(LARGE, CALL, 'expect(large()).toBeDefined();'),
    (copy) => copy.script('src/bin/codecodecode.ts', ['targets', '--update', '--root', RECORDS], { CI: '' }),
  ),
  red(
    "a hook's GIT_DIR",
    'C2: git is pointed elsewhere, and a target is loosened with its lock',
    'loosened: 2-large / held test accuracy >=',
    async (copy) => {
      await copy.commit();
      await copy.edit(LARGE, 'toHoldTestAccuracy(99,', 'toHoldTestAccuracy(98,');
      await copy.edit(LOCK, '"target": 99,', '"target": 98,');
      await copy.commit();
    },
    (copy) => records(copy, [], { GATE_BASE: 'HEAD^', GIT_DIR: join(copy.folder, 'elsewhere') }),
  ),
  {
    ...red('a stray error', 'C4: thrown outside of tests', '1 error outside of tests of 4 targets', (copy) =>
      copy.edit(LARGE, HOLDS, `setTimeout(() => { throw new Error('stray'); });\n${HOLDS}`),
    ),
    exitCode: 1,
  },
  red(
    'a repeated test',
    'C7: the first of three attempts fails',
    'refused: declared twice (spec',
    async (copy) => {
      await copy.edit(LARGE, HOLDS, HOLDS.replace(', () =>', ', { repeats: 2 }, () =>'));
      await copy.edit(LARGE, CALL, CALL.replace('large()', 'attempt++ === 0 ? worse() : large()'));
      await copy.edit(LARGE, IMPORT, `${IMPORT}\nlet attempt = 0;\n${WORSE}`);
    },
  ),
  red('a spec in two projects', 'C10: of Vitest', 'ran in two Vitest projects', (copy) =>
    copy.edit(
      CONFIG,
      'isolate: false,',
      "isolate: false, projects: [{ extends: true, test: { name: 'a' } }, { extends: true, test: { name: 'b' } }],",
    ),
  ),
  red(
    'runs tried until one is good',
    'D8: in a loop',
    'the test handed over 2 evidences of 2-large',
    async (copy) => {
      await copy.edit(
        LARGE,
        CALL,
        `for (const network of [worse, large]) try { ${CALL.replace('large()', 'network()')} break; } catch { /* the next */ }`,
      );
      await copy.edit(LARGE, IMPORT, `${IMPORT}\n${WORSE}`);
    },
  ),
  red(
    'the gates mocked',
    'D3: in a spec whose target is not met',
    'the test says status "pass", its evidence gives "fail"',
    async (copy) => {
      await copy.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
      await copy.edit(
        LARGE,
        IMPORT,
        `import { expect, test, vi } from 'vitest';\nvi.mock('../../../../../src/gates/judge.ts', async (original) => {\n  const real = await original();\n  return { ...real, judge: (...all) => ({ ...real.judge(...all), status: 'pass' }) };\n});`,
      );
    },
  ),
  {
    ...red(
      'an exit code set back',
      'D4: by a listener of the configuration',
      '2-large: parameters = 9,714: 9,715',
      async (copy) => {
        await copy.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
        await inConfig(copy, "process.on('exit', () => { process.exitCode = 0; });");
      },
    ),
    exitCode: 1,
  },
  red(
    'a lock rewritten at run time',
    'D5: by a spec',
    'is not what it was when the run began',
    (copy) =>
      copy.edit(
        LARGE,
        IMPORT,
        `${IMPORT}\nimport { readFileSync, writeFileSync } from 'node:fs';\nwriteFileSync('${LOCK_FILE}', readFileSync('${LOCK_FILE}', 'utf8').replace('99,', '98,'));`,
      ),
    (copy) => copy.vitest([], {}, RECORDS),
  ),
  red(
    'a scope set by the configuration',
    'D7: and CI taken back, beside a skip',
    'was skipped',
    async (copy) => {
      await copy.edit(LARGE, HOLDS, HOLDS.replace('test(', 'test.skip('));
      await inConfig(copy, "process.env['GATE_SCOPE'] = 'none'; process.env['CI'] = 'false';");
      await copy.edit(CONFIG, 'gateReporter()', "gateReporter({ env: { CI: '', GATE_SCOPE: 'none' } })");
    },
  ),
  red(
    'nothing left to test',
    'D9: passWithNoTests, specs and lock deleted',
    'in CI every target is owed by it',
    async (copy) => {
      await copy.edit(CONFIG, 'isolate: false,', 'isolate: false, passWithNoTests: true,');
      for (const file of [LOCK, LARGE, LARGE.replace('2-large', '1-small')]) await copy.remove(file);
    },
  ),
  red(
    'a blob of another commit',
    'G: made before the sources were broken',
    'Merge the blobs of one commit',
    async (copy) => {
      await copy.commit();
      await records(copy, ['--reporter=blob', '--outputFile=blobs/all.json']);
      await copy.edit(LARGE, 'parameters: 9_714', 'parameters: 9_715');
      await copy.commit();
    },
    (copy) => records(copy, ['--merge-reports', `${RECORDS}/blobs`]),
  ),
  {
    ...red(
      'a damaged blob',
      'G: half of it',
      'cannot be read as one run',
      (copy) => copy.write('blobs/1.json', '["4.'),
      (copy) => copy.script('src/bin/codecodecode.ts', ['merge', 'blobs', '--root', RECORDS]),
    ),
    exitCode: 4,
  },
  red('a seed not run', 'G: the lock declares it', 'seed 2 is declared and has no run', (copy) =>
    copy.edit(LOCK, '"targets"', '"seeds": { "2-large": "1-2" }, "targets"'),
  ),
];

function red(
  name: string,
  breaks: string,
  says: string,
  damage: Mutant['break'],
  gate?: (copy: Copy, variables?: Variables) => Promise<Ended>,
): Mutant {
  return {
    name,
    breaks,
    says,
    base: 'hand-made records',
    exitCode: 3,
    break: damage,
    ...(gate ? { gate: (copy) => gate(copy) } : {}),
  };
}

function inConfig(copy: Copy, statement: string): Promise<void> {
  return copy.edit(CONFIG, 'export default', `${statement}\nexport default`);
}
