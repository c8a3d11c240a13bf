import { readFileSync } from 'node:fs';
import { Command } from '@commander-js/extra-typings';
import { echo } from 'zx';
import { wholeNumber } from '../src/cli/arguments.ts';
import { ending, runCommand } from '../src/cli/run.ts';
import { GateError } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import { betweenMarkers } from '../src/report/markers.ts';
import { type NetworkFigures, geometricMean, measureNetworks } from './bench/corpus-steps.ts';
import { TIMED_NETWORKS } from './bench/networks.ts';
import { benchPython } from './bench/python.ts';
import { textTable } from './bench/text-table.ts';

const DOCUMENT = 'docs/performance.md';

const bench = new Command('bench:corpus')
  .description(
    `Times a training step of 64 images on one thread of ${TIMED_NETWORKS.length} networks of the corpus: by this project's engine, by the best composition of plain WASM operations, and by eager PyTorch where a Python has it.`,
  )
  .option('--only <ids>', 'some of them, such as mnist-088,mnist-113')
  .option('--rounds <n>', 'turns of each contestant', wholeNumber('--rounds', 1, 1000), 5)
  .option(
    '--python <path>',
    'the Python that has PyTorch, else what BENCH_PYTHON says; without it PyTorch is left out',
    benchPython(),
  )
  .option('--docs', `write the table into ${DOCUMENT}`, false)
  .action(ending(main));

await runCommand(bench, process.argv.slice(2));

interface Options {
  readonly only?: string;
  readonly rounds: number;
  readonly python?: string;
  readonly docs: boolean;
}

async function main({ only, rounds, python, docs }: Options): Promise<void> {
  const ids = only?.split(',') ?? TIMED_NETWORKS;
  const unknown = ids.find((id) => !(TIMED_NETWORKS as readonly string[]).includes(id));
  if (unknown !== undefined)
    throw new GateError(`${unknown} is none of the networks that are timed: ${TIMED_NETWORKS.join(', ')}.`);
  const absent: string[] = [];
  const found = await measureNetworks({
    ids,
    rounds,
    python,
    onAbsent: (line) => absent.push(line),
    onDone: (figures) => console.error(line(figures).join('  ')),
  });
  const text = [table(found), summary(found), ...absent].join('\n\n');
  echo(`\n${text}`);
  if (!docs) return;
  writeWhole(DOCUMENT, betweenMarkers(DOCUMENT, readFileSync(DOCUMENT, 'utf8'), text, 'bench:corpus'));
  echo(`Wrote ${DOCUMENT}`);
}

function table(found: readonly NetworkFigures[]): string {
  const headings = [
    'network',
    'parameters',
    'multiply-adds',
    'own ms',
    'plain ms',
    'PyTorch ms',
    'times plain',
    'times PyTorch',
  ];
  return textTable(headings, found.map(line));
}

function line(figures: NetworkFigures): string[] {
  const { id, parameters, multiplyAdds, own, plain, pytorch, timesPlain, timesPytorch } = figures;
  const ms = (value: number | undefined) => value?.toFixed(value < 100 ? 2 : 0) ?? '';
  const whole = (value: number) => value.toLocaleString('en-US');
  return [
    id,
    whole(parameters),
    whole(multiplyAdds),
    ms(own),
    ms(plain),
    ms(pytorch),
    timesPlain?.toFixed(1) ?? '',
    timesPytorch?.toFixed(2) ?? '',
  ];
}

function summary(found: readonly NetworkFigures[]): string {
  const spread = (name: string, ratios: readonly (number | undefined)[]) => {
    const known = ratios.filter((ratio) => ratio !== undefined);
    if (known.length === 0) return [];
    return [
      `${name}: geometric mean ${geometricMean(known).toFixed(2)}, lowest ${Math.min(...known).toFixed(2)}.`,
    ];
  };
  return [
    ...spread(
      'Times faster than plain operations',
      found.map(({ timesPlain }) => timesPlain),
    ),
    ...spread(
      'Times faster than PyTorch',
      found.map(({ timesPytorch }) => timesPytorch),
    ),
  ].join('\n');
}
