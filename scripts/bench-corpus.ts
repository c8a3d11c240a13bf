import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { echo } from 'zx';
import { GateError } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import { betweenMarkers } from '../src/report/markers.ts';
import { type NetworkFigures, geometricMean, measureNetworks } from './bench/corpus-steps.ts';
import { TIMED_NETWORKS } from './bench/networks.ts';
import { textTable } from './bench/text-table.ts';

import { runScript } from './support/run-script.ts';

const DOCUMENT = 'docs/performance.md';
const HELP = `Usage: npm run bench:corpus -- [options]

Times a training step of 64 images on one thread of ${TIMED_NETWORKS.length} networks of the corpus: by this project's engine, by the best
composition of plain WASM operations, and by eager PyTorch where --python has one.

  --only IDS      some of them, such as mnist-088,mnist-113
  --rounds N      turns of each contestant (default 5)
  --python PATH   the Python that has PyTorch (default: what BENCH_PYTHON says; without it PyTorch is left out)
  --docs          also writes the table into docs/performance.md
  --help          this text`;

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      python: { type: 'string', default: process.env['BENCH_PYTHON'] },
      docs: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return echo(HELP);
  const ids = values.only?.split(',') ?? TIMED_NETWORKS;
  const unknown = ids.find((id) => !(TIMED_NETWORKS as readonly string[]).includes(id));
  if (unknown !== undefined)
    throw new GateError(`${unknown} is none of the networks that are timed: ${TIMED_NETWORKS.join(', ')}.`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new GateError(`--rounds is "${values.rounds}"; it must be a whole number above 0.`);
  const absent: string[] = [];
  const found = await measureNetworks({
    ids,
    rounds,
    python: values.python,
    onAbsent: (line) => absent.push(line),
    onDone: (figures) => console.error(line(figures).join('  ')),
  });
  const text = [table(found), summary(found), ...absent].join('\n\n');
  echo(`\n${text}`);
  if (!values.docs) return;
  writeWhole(DOCUMENT, betweenMarkers(DOCUMENT, readFileSync(DOCUMENT, 'utf8'), text, 'bench:corpus'));
  echo(`Wrote ${DOCUMENT}`);
});

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
