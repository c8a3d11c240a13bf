import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chalk, echo } from 'zx';
import { findMnist } from '../src/data/mnist.ts';
import { ExitCode, GateError, messageOf } from '../src/errors.ts';
import { removeTemplate, type Ended } from './support/selftest/copy.ts';
import { bypassedMutants } from './support/selftest/mutants/bypassed.ts';
import { factMutants } from './support/selftest/mutants/facts.ts';
import { forgedRecordMutants } from './support/selftest/mutants/forged-record.ts';
import { forgedReportMutants } from './support/selftest/mutants/forged-report.ts';
import { evidenceMutants } from './support/selftest/evidence-mutants.ts';
import { BASES, type BaseName, type Mutant } from './support/selftest/mutant.ts';
import { networkMutants } from './support/selftest/network-mutants.ts';
import { structureMutants, targetMutants } from './support/selftest/target-mutants.ts';
import { tableOf } from './support/selftest/table.ts';

const TABLE_FILE = 'docs/selftest.md';

const HELP = `Usage: npm run selftest [-- options]

Breaks copies of the project on purpose and demands that the gate is red on each, with the right exit code and with
words that name the cause. The unbroken copies must be green, and must not say those words. Needs MNIST and the
records in runs/. A full run in which everything is caught writes the table into ${TABLE_FILE}.

  --only TEXT   mutants whose name holds TEXT
  --base NAME   mutants of one base: ${Object.keys(BASES).join(', ')}
  --jobs N      at a time (default 2)
  --list        names them
  --help        this text`;

const MUTANTS: readonly Mutant[] = [
  ...networkMutants,
  ...evidenceMutants,
  ...targetMutants,
  ...structureMutants,
  ...factMutants,
  ...bypassedMutants,
  ...forgedReportMutants,
  ...forgedRecordMutants,
];

try {
  process.exitCode = await main();
} catch (error) {
  console.error(chalk.red(messageOf(error)));
  process.exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
} finally {
  await removeTemplate();
}

async function main(): Promise<ExitCode> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      base: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const jobs = Number(values.jobs);
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new GateError(`--jobs ${values.jobs}: expected a number of 1 or more.`);
  const chosen = MUTANTS.filter(
    ({ name, base }) => name.includes(values.only) && (values.base === undefined || base === values.base),
  );
  if (chosen.length === 0 && !values.help) {
    throw new GateError(
      `No mutant has "${values.only}" in its name${values.base === undefined ? '' : ` and the base "${values.base}"`}: "npm run selftest -- --list" names them.`,
    );
  }
  if (values.help) echo(HELP);
  if (values.list) for (const { name, breaks } of chosen) echo(`${name}: ${breaks}`);
  if (values.help || values.list) return ExitCode.ok;

  if (!(await findMnist())) {
    throw new GateError('The self-test measures records again: set MNIST_DIR, or run `npm run mnist` first.');
  }
  const start = performance.now();
  const unbroken = await runUnbroken([...new Set(chosen.map(({ base }) => base))], jobs);
  const escapes: string[] = [];
  await inParallel(chosen, jobs, async (mutant) => {
    const problem = await escapeOf(mutant, unbroken.get(mutant.base)!);
    echo(
      `${problem === undefined ? chalk.green('caught ') : chalk.red('ESCAPED')} ${mutant.name} (exit code ${mutant.exitCode})`,
    );
    if (problem !== undefined) escapes.push(`${mutant.name}: ${problem}`);
  });
  for (const escape of escapes) console.error(chalk.red(`\n${escape}`));
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  echo(`${chosen.length - escapes.length} of ${chosen.length} mutants caught, ${seconds} s`);
  if (escapes.length > 0) return ExitCode.targetFailed;
  if (chosen.length === MUTANTS.length) await writeFile(TABLE_FILE, await tableOf(MUTANTS));
  return ExitCode.ok;
}

/** The output of every base as it is; throws where one is red: whatever its mutants then show would prove nothing. */
async function runUnbroken(names: readonly BaseName[], jobs: number): Promise<ReadonlyMap<BaseName, string>> {
  const outputs = new Map<BaseName, string>();
  await inParallel(names, jobs, async (name) => {
    const { exitCode, output } = await BASES[name].copy((copy) => BASES[name].gate(copy));
    if (exitCode !== 0)
      throw new GateError(`The unbroken copy is red (${name}, exit code ${exitCode}): ${output}`);
    echo(`${chalk.green('green  ')} ${name}: ${BASES[name].about}, unbroken`);
    outputs.set(name, output);
  });
  return outputs;
}

/** Why a mutant is not caught, or not by what is broken; undefined if it is. */
async function escapeOf(mutant: Mutant, unbroken: string): Promise<string | undefined> {
  if (unbroken.includes(mutant.says)) return `the unbroken copy says "${mutant.says}" too`;
  let ended: Ended;
  try {
    ended = await BASES[mutant.base].copy(async (copy) => {
      await mutant.break(copy);
      return (mutant.gate ?? BASES[mutant.base].gate)(copy);
    });
  } catch (error) {
    return `it could not be broken: ${messageOf(error)}`;
  }
  const { exitCode, output } = ended;
  if (exitCode !== mutant.exitCode) return `exit code ${exitCode}, expected ${mutant.exitCode}: ${output}`;
  return output.includes(mutant.says) ? undefined : `it does not say "${mutant.says}": ${output}`;
}

async function inParallel<T>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}
