import { LOOSENED_FILE } from '../../../../src/gates/loosening.ts';
import { LOCK_FILE } from '../../../../src/gates/manifest.ts';
import type { Copy, Ended } from '../copy.ts';
import { type Mutant, rehearsed, reportedAndJudged } from '../mutant.ts';
import { trainInto } from '../small-project.ts';

/**
 * Section D: the change runs in the process that reports on it, and forges what that says. Its network is worse than
 * promised (half of the activations dropped), and the test run is made to say that it is well.
 */

const SPEC = 'spec/networks/1-digits.spec.ts';
const CONFIG = 'vitest.config.ts';
const IMPORT = "import { beforeAll, describe, expect, test } from 'vitest';";
const ENDS = 'expect(evidence).toEndAtOrAbove(97);';
/** Words of the judge alone: the test run itself says what it was made to. */
const DIFFERS = 'the test run reported of 1-digits / final test accuracy >=';
const LEFT_NONE = 'the test run left no report';

const PERFECT =
  '{ ...evidence, runs: evidence.runs.map((run) => ({ ...run, epochs: run.epochs.map((epoch) => ({ ...epoch, testCorrect: epoch.testTotal })) })) }';
/** What a spec, a hook or a setup file does to the rows of a finished test. */
const FLIP = `function flip(task) {
  const gate = task.meta.gate;
  if (gate) task.meta.gate = { ...gate, verdicts: gate.verdicts.map((row) => ({ ...row, status: 'pass', actual: row.unit === '%' ? 99.9 : row.actual })) };
  if (task.result) task.result.state = 'pass';
}`;
const HOOK = `import { afterEach as hook } from 'vitest';\nhook(({ task }) => flip(task));\n${FLIP}\n`;
/** Makes every row of the summary a pass, wherever it is run from. */
const REWRITE = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
export const rewrite = () => {
  const file = new URL('./reports/summary.json', import.meta.url);
  if (!existsSync(file)) return;
  const summary = JSON.parse(readFileSync(file, 'utf8'));
  summary.verdict = { status: 'pass', exitCode: 0, title: '10 targets met' };
  for (const { targets } of summary.iterations)
    for (const row of targets) Object.assign(row, { status: 'pass' });
  writeFileSync(file, JSON.stringify(summary));
  process.exitCode = 0;
};
`;
const PASSES = `const real = await importOriginal();
  return { ...real, judge: (target, ...rest) => ({ ...real.judge(target, ...rest), status: 'pass' }) };`;

type Gate = (copy: Copy) => Promise<Ended>;

export const forgedReportMutants: readonly Mutant[] = [
  forged('evidence spread with perfect epochs', 'D1', DIFFERS, (copy) =>
    copy.edit(SPEC, ENDS, ENDS.replace('evidence', PERFECT)),
  ),
  forged(
    'evidence of another network',
    'D1',
    'the test run reported of 1-digits / parameters ==',
    async (copy) => {
      await copy.edit('digits.ts', '...block(12)', '...block(13)');
      const smaller = '{ ...run.model, parameters: { known: true, value: 2_316 } }';
      const other = `{ ...evidence, runs: evidence.runs.map((run) => ({ ...run, model: ${smaller} })) }`;
      await copy.edit(SPEC, 'expect(evidence).toHaveParameters', `expect(${other}).toHaveParameters`);
    },
  ),
  forged('evidence without runs', 'D1', DIFFERS, (copy) =>
    copy.edit(SPEC, ENDS, ENDS.replace('evidence', '{ ...evidence, runs: [] }')),
  ),
  {
    ...forged('evidence of the good seeds', 'D1', 'the test run reported', nothing),
    breaks: 'D1: the change brings a second seed, the spec shows the first alone',
    break: async (copy) => {
      await trainInto(copy.folder, 2);
      await copy.edit(
        SPEC,
        'folder });',
        'folder });\n    evidence = { ...evidence, runs: evidence.runs.slice(0, 1) };',
      );
    },
  },
  forged('rows written by a spec', 'D2', DIFFERS, async (copy) =>
    copy.write(SPEC, `${await copy.read(SPEC)}\n${HOOK}`),
  ),
  forged('rows flipped by a setup file', 'D2', DIFFERS, (copy) => withSetup(copy, HOOK)),
  forged('a status that nobody knows', 'D2', 'the test run', (copy) =>
    withSetup(copy, HOOK.replace("'pass', actual", "'fine', actual")),
  ),
  forged('the gates mocked in a spec', 'D3', DIFFERS, (copy) =>
    copy.edit(
      SPEC,
      IMPORT,
      `${IMPORT.replace('test }', 'test, vi }')}\nvi.mock('../../../../../src/gates/judge.ts', async (importOriginal) => {\n  ${PASSES}\n});`,
    ),
  ),
  forged('the gates replaced by the configuration', 'D3', DIFFERS, async (copy) => {
    const plugin = `{ name: 'gates', transform(code, id) { if (id.endsWith('src/gates/judge.ts')) return code.replace(/status,\\n(\\s+)aggregation/, "status: 'pass',\\n$1aggregation"); } }`;
    await copy.edit(CONFIG, 'defineConfig({', `defineConfig({ plugins: [${plugin}],`);
  }),
  forged('a reporter that rewrites the summary', 'D4', DIFFERS, async (copy) => {
    await copy.write('rewrite.ts', REWRITE);
    await copy.edit(
      CONFIG,
      'gateReporter()]',
      'gateReporter(), { onTestRunEnd: () => new Promise((done) => setTimeout(() => done(rewrite()), 1_000)) }]',
    );
    await copy.edit(CONFIG, 'import {', "import { rewrite } from './rewrite.ts';\nimport {");
  }),
  forged('a global teardown that rewrites the summary', 'D4', DIFFERS, async (copy) => {
    await copy.write('rewrite.ts', REWRITE.replace('export const rewrite', 'export const teardown'));
    await copy.edit(CONFIG, 'hookTimeout', "globalSetup: ['./rewrite.ts'], hookTimeout");
  }),
  forged('a listener that rewrites the summary and exits 0', 'D4', DIFFERS, async (copy) => {
    await copy.write('rewrite.ts', REWRITE);
    await copy.edit(CONFIG, 'export default', "process.on('exit', rewrite);\nexport default");
    await copy.edit(CONFIG, 'import {', "import { rewrite } from './rewrite.ts';\nimport {");
  }),
  {
    ...forged(
      'a code of 0 out of NODE_OPTIONS',
      'D4',
      '1-digits: final test accuracy ≥ 97 %: 73.6 %',
      nothing,
      (copy) => reportedAndJudged(copy, [], { NODE_OPTIONS: `--import ${copy.folder}/zero.mjs` }),
    ),
    exitCode: 2,
    break: async (copy) => {
      await worse(copy);
      await copy.write('zero.mjs', "process.on('exit', () => { process.exitCode = 0; });\n");
    },
  },
  forged('another reporter on the command line', 'D4', LEFT_NONE, nothing, (copy) =>
    reportedAndJudged(copy, ['--reporter=dot']),
  ),
  forged(
    'another configuration',
    'D4',
    LEFT_NONE,
    (copy) =>
      copy.write('other.config.ts', 'export default { test: { include: [], passWithNoTests: true } };\n'),
    (copy) => reportedAndJudged(copy, ['--config', 'other.config.ts']),
  ),
  forged('a reporter without a word', 'D10', LEFT_NONE, async (copy) => {
    await copy.write('quiet.ts', 'export const gateReporter = () => ({});\n');
    await copy.edit(CONFIG, '../../../src/reporter.ts', './quiet.ts');
  }),
  forged(
    'the lock rewritten while the specs run',
    'D5',
    'loosened: 1-digits / final test accuracy >=',
    (copy) =>
      atRunTime(
        copy,
        `rewriteFile('${LOCK_FILE}', (text) => text.replace('"target": 97,', '"target": 10,'))`,
      ),
  ),
  forged(
    'an acknowledgement written while the specs run',
    'D5',
    '1-digits: final test accuracy ≥ 97 %: 73.6 %',
    (copy) => atRunTime(copy, `rewriteFile('${LOOSENED_FILE}', () => '[]')`),
  ),
  forged(
    'the base moved while the specs run',
    'D5',
    'loosened: 1-digits / final test accuracy >=',
    async (copy) => {
      await copy.edit(LOCK_FILE, '"target": 97,', '"target": 10,');
      await copy.edit(SPEC, 'toEndAtOrAbove(97)', 'toEndAtOrAbove(10)');
      await atRunTime(
        copy,
        "(await import('node:child_process')).execSync('git add -A && git -c user.name=x -c user.email=x@example.invalid commit -qm Moved && git branch -f main HEAD')",
      );
    },
  ),
  forged('a scope out of the configuration, and a skip', 'D7', DIFFERS, async (copy) => {
    await copy.edit(SPEC, "test('ends", "test.skip('ends");
    await copy.edit(
      CONFIG,
      'export default',
      "process.env['GATE_SCOPE'] = 'none';\nprocess.env['CI'] = 'false';\nexport default",
    );
  }),
  {
    ...forged(
      'seeds tried until one is good',
      'D8',
      'trained again, it parts from the record at epoch 1',
      nothing,
    ),
    breaks: 'D8: the best of several seeds is passed off as seed 1',
    break: async (copy) => {
      await trainInto(copy.folder, 7, { as: 1 });
    },
  },
  {
    ...forged('no tests, and no lock', 'D9', 'removed: 1-digits / final test accuracy >=', nothing),
    breaks: 'D9: passWithNoTests, lock and spec deleted',
    break: async (copy) => {
      await copy.remove(LOCK_FILE);
      await copy.remove(SPEC);
      await copy.edit(CONFIG, 'hookTimeout', 'passWithNoTests: true, hookTimeout');
    },
  },
  // The same through the whole workflow, on this machine: the job of the judge is red.
  rehearsal('evidence spread, in the workflow', 'D1', (copy) =>
    copy.edit(SPEC, ENDS, ENDS.replace('evidence', PERFECT)),
  ),
  rehearsal('rows flipped, in the workflow', 'D2', (copy) => withSetup(copy, HOOK)),
  rehearsal('a reporter that rewrites, in the workflow', 'D4', async (copy) => {
    await copy.write('rewrite.ts', REWRITE);
    await copy.edit(CONFIG, 'export default', "process.on('exit', rewrite);\nexport default");
    await copy.edit(CONFIG, 'import {', "import { rewrite } from './rewrite.ts';\nimport {");
  }),
  {
    ...rehearsal('the lock rewritten, in the workflow', 'D5', (copy) =>
      atRunTime(
        copy,
        `rewriteFile('${LOCK_FILE}', (text) => text.replace('"target": 97,', '"target": 10,'))`,
      ),
    ),
    says: 'the test run reported of 1-digits / final test accuracy >=',
  },
];

function forged(name: string, row: string, says: string, damage: Mutant['break'], gate?: Gate): Mutant {
  return {
    name,
    breaks: `${row}: a network that is worse, and ${name}`,
    says,
    base: 'pull request',
    exitCode: 3,
    break: async (copy) => {
      await worse(copy);
      await damage(copy);
    },
    ...(gate ? { gate } : {}),
  };
}

/** The record is trained and committed first, as a person would who wants the specs to be green. */
function rehearsal(name: string, row: string, damage: Mutant['break']): Mutant {
  return {
    ...forged(name, row, DIFFERS, async (copy) => {
      await copy.vitest([]);
      await damage(copy);
    }),
    gate: rehearsed,
  };
}

function worse(copy: Copy): Promise<void> {
  return copy.edit('digits.ts', 'rate: 0.02', 'rate: 0.5');
}

async function withSetup(copy: Copy, source: string): Promise<void> {
  await copy.write('setup.ts', source);
  await copy.edit(CONFIG, 'hookTimeout', "setupFiles: ['./setup.ts'], hookTimeout");
}

/** Runs a statement of the spec's own before its first test. */
async function atRunTime(copy: Copy, statement: string): Promise<void> {
  await copy.edit(
    SPEC,
    IMPORT,
    `${IMPORT}\nimport { existsSync, readFileSync, writeFileSync } from 'node:fs';`,
  );
  await copy.edit(
    SPEC,
    "describe('",
    `const rewriteFile = (file, change) => writeFileSync(file, change(existsSync(file) ? readFileSync(file, 'utf8') : ''));\nbeforeAll(async () => void (${statement}));\n\ndescribe('`,
  );
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
