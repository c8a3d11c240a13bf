import { Command } from '@commander-js/extra-typings';
import { ending } from '../../src/cli/run.ts';
import { GateError } from '../../src/errors.ts';
import { benchPython } from './python.ts';

export interface BenchOptions {
  readonly quick: boolean;
  readonly python: string;
  readonly retrain: boolean;
  readonly docs: boolean;
  readonly out: string;
}

/** `npm run bench`. Refuses to let the figures of a quick run into the docs. */
export function benchCommand(work: (options: BenchOptions) => Promise<void>) {
  return new Command('bench')
    .description(
      "Measures this project's kernels and training step beside the machine's peak, stock WASM kernels, the cpu backend of tfjs, tfjs-node and PyTorch, in turns, and writes a table and a file of figures.",
    )
    .option(
      '--quick',
      'a few rounds and small data, under half a minute: shows that it works, not how fast it is',
      false,
    )
    .option(
      '--python <path>',
      'the Python that has PyTorch, else what BENCH_PYTHON says',
      benchPython() ?? 'python3',
    )
    .option('--retrain', 'also run `npm run test:retrain` on WASM and report its seconds', false)
    .option('--docs', 'write the tables into docs/performance.md', false)
    .option('--out <file>', 'where the figures go', 'reports/bench.json')
    .action(
      ending(async (options: BenchOptions) => {
        if (options.quick && options.docs) {
          throw new GateError('--quick measures too little for the docs: leave out --quick or --docs.');
        }
        await work(options);
      }),
    );
}
