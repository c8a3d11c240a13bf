import { readFile } from 'node:fs/promises';
import { $, echo } from 'zx';
import { runCommand } from '../src/cli/run.ts';
import { ExitCode, GateError } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import { betweenMarkers } from '../src/report/markers.ts';
import { type BenchOptions, benchCommand } from './bench/command.ts';
import { measure } from './bench/measure.ts';
import { toText } from './bench/report.ts';
import { type Bench, benchSchema } from './bench/schema.ts';

const DOCUMENT = 'docs/performance.md';

await runCommand(benchCommand(main), process.argv.slice(2));

async function main(options: BenchOptions): Promise<void> {
  const document = options.docs ? await readFile(DOCUMENT, 'utf8') : '';
  const measured = await measure(options);
  const figures = benchSchema.parse({
    ...measured,
    ...(options.retrain && { retrainSeconds: await retrain() }),
  } satisfies Bench);
  echo(`\n${toText(figures)}\n`);
  writeWhole(options.out, `${JSON.stringify(figures, undefined, 2)}\n`);
  echo(`Wrote ${options.out}`);
  if (options.docs) {
    writeWhole(DOCUMENT, betweenMarkers(DOCUMENT, document, toText(figures), 'bench'));
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
