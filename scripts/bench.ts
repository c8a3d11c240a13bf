import { readFile } from 'node:fs/promises';
import { $, echo } from 'zx';
import { ExitCode, GateError } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import { betweenMarkers } from '../src/report/markers.ts';
import { HELP, readArguments } from './bench/arguments.ts';
import { measure } from './bench/measure.ts';
import { toText } from './bench/report.ts';
import { type Bench, benchSchema } from './bench/schema.ts';
import { runScript } from './support/run-script.ts';

const DOCUMENT = 'docs/performance.md';

await runScript(() => main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<void> {
  const options = readArguments(argv, process.env);
  if (options.help) return echo(HELP);
  const document = options.docs ? await readFile(DOCUMENT, 'utf8') : '';
  const measured = await measure(options);
  const bench = benchSchema.parse({
    ...measured,
    ...(options.retrain && { retrainSeconds: await retrain() }),
  } satisfies Bench);
  echo(`\n${toText(bench)}\n`);
  writeWhole(options.out, `${JSON.stringify(bench, undefined, 2)}\n`);
  echo(`Wrote ${options.out}`);
  if (options.docs) {
    writeWhole(DOCUMENT, betweenMarkers(DOCUMENT, document, toText(bench), 'bench'));
    echo(`Wrote ${DOCUMENT}`);
  }
}

/** Seconds of training and judging all iterations anew on WASM, side by side on all cores. */
async function retrain(): Promise<number> {
  const start = performance.now();
  const env = { ...process.env, GATE_BACKEND: 'wasm' };
  const { exitCode } = await $({ nothrow: true, stdio: 'inherit', env })`npm run test:retrain`;
  if (exitCode === ExitCode.ok) return (performance.now() - start) / 1000;
  throw new GateError(
    '`npm run test:retrain` failed, so its time means nothing: see above. Run it alone until it is green.',
  );
}
