import { readFile } from 'node:fs/promises';
import { Command, Option } from '@commander-js/extra-typings';
import { $, echo } from 'zx';
import { ending, runCommand } from '../src/cli/run.ts';
import { ExitCode, GateError } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import { betweenMarkers } from '../src/report/markers.ts';
import { measure } from './bench/measure.ts';
import { toText } from './bench/report.ts';
import { type Bench, benchSchema } from './bench/schema.ts';

const DOCUMENT = 'docs/performance.md';

const bench = new Command('bench')
  .description(
    "Measures this project's kernels and training step beside the machine's peak, stock WASM kernels, the cpu backend of tfjs, tfjs-node and PyTorch, in turns, and writes a table and a file of figures.",
  )
  .addOption(
    new Option(
      '--quick',
      'a few rounds and small data, under half a minute: shows that it works, not how fast it is',
    )
      .default(false)
      .conflicts('docs'),
  )
  .addOption(
    new Option('--python <path>', 'the Python that has PyTorch').env('BENCH_PYTHON').default('python3'),
  )
  .option('--retrain', 'also run `npm run test:retrain` on WASM and report its seconds', false)
  .option('--docs', `write the tables into ${DOCUMENT}`, false)
  .option('--out <file>', 'where the figures go', 'reports/bench.json')
  .action(ending(main));

await runCommand(bench, process.argv.slice(2));

interface Options {
  readonly quick: boolean;
  readonly python: string;
  readonly retrain: boolean;
  readonly docs: boolean;
  readonly out: string;
}

async function main(options: Options): Promise<void> {
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
