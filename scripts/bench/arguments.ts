import { parseArgs } from 'node:util';
import { GateError, messageOf } from '../../src/errors.ts';

export const HELP = `Usage: npm run bench -- [options]

Measures this project's kernels and training step beside the machine's peak, stock WASM kernels, the cpu backend of
tfjs, tfjs-node and PyTorch, in turns, and writes a table and reports/bench.json.

  --quick           a few rounds and small data, under half a minute: shows that it works, not how fast it is
  --python PATH     the Python that has PyTorch (default: what BENCH_PYTHON says, else python3)
  --retrain         also runs \`npm run test:retrain\` on WASM and reports its seconds
  --docs            also writes the tables into docs/performance.md
  --out FILE        where the figures go (default: reports/bench.json)
  --help            this text`;

export interface BenchArguments {
  readonly quick: boolean;
  readonly python: string;
  readonly retrain: boolean;
  readonly docs: boolean;
  readonly out: string;
  readonly help: boolean;
}

/** Throws GateError with the help where an option is unknown, or where figures of a quick run would go into the docs. */
export function readArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): BenchArguments {
  const values = parse(argv, env);
  if (values.quick && values.docs) {
    throw new GateError('--quick measures too little for the docs: leave out --quick or --docs.');
  }
  return values;
}

function parse(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): BenchArguments {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        quick: { type: 'boolean', default: false },
        python: { type: 'string', default: env['BENCH_PYTHON'] || 'python3' },
        retrain: { type: 'boolean', default: false },
        docs: { type: 'boolean', default: false },
        out: { type: 'string', default: 'reports/bench.json' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new GateError(`${messageOf(error)}\n\n${HELP}`);
  }
}
