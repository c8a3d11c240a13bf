import { readFileSync } from 'node:fs';
import { Command } from '@commander-js/extra-typings';
import { echo } from 'zx';
import { selectBackend } from '../src/backend/select.ts';
import { stepImages } from '../src/backends/steps.ts';
import { ending, runCommand } from '../src/cli/run.ts';
import { type ImageSet, pick } from '../src/data/dataset.ts';
import { epochOrder } from '../src/data/batches.ts';
import { findMnist } from '../src/data/mnist.ts';
import { ExitCode, GateError } from '../src/errors.ts';
import { writeWhole } from '../src/files/write-whole.ts';
import { findIteration } from '../src/iterations/index.ts';
import type { Network } from '../src/model/layers.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { betweenMarkers } from '../src/report/markers.ts';
import { corpusOf } from '../spec/corpus/corpus.ts';
import { networkOfTokens } from '../spec/corpus/tokens.ts';
import { benchPython } from './bench/python.ts';
import { compareSteps, furthest, STEPS } from './pytorch/steps.ts';

const PAGE = 'docs/elsewhere.md';
/** Of a loss. */
const TOLERANCE = 1e-4;
const ITERATIONS = [1, 5, 6];
/** Of spec/corpus: with biases and no norm, with a norm before every ReLU, with group norms. */
const NETWORKS = ['mnist-088', 'mnist-064', 'mnist-101'];
/**
 * Small steps: at the rates of the iterations twenty steps amplify the roundings of PyTorch alone (32 bits beside 64) to more than
 * the tolerance, and nothing could be said of the arithmetic.
 */
const PLAIN: Recipe = {
  epochs: 1,
  batch: 32,
  schedule: { type: 'constant', learningRate: 0.001 },
  momentum: 0.9,
  weightDecay: 1e-4,
};

const pytorch = new Command('pytorch')
  .description(
    `Trains networks for ${STEPS} steps by this project's engine and by PyTorch, and compares the losses. Exit code 1 where they are further apart than ${TOLERANCE}.`,
  )
  .option(
    '--python <path>',
    'the Python that has PyTorch, else what BENCH_PYTHON says',
    benchPython() ?? 'python3',
  )
  .option('--docs', `write the table into ${PAGE}`, false)
  .action(ending(main));

await runCommand(pytorch, process.argv.slice(2));

interface Task {
  readonly id: string;
  readonly network: Network;
  readonly recipe: Recipe;
  readonly images: ImageSet;
}

interface Options {
  readonly python: string;
  readonly docs: boolean;
}

async function main({ python, docs }: Options): Promise<void> {
  const backend = await selectBackend({ force: 'wasm' });
  const rows: string[] = [];
  const failed: string[] = [];
  let about = '';
  for (const { id, network, recipe, images } of await tasks()) {
    const found = await compareSteps(network, recipe, images, { backend, python });
    about = found.about;
    const apart = furthest(found.ours, found.theirs);
    if (!(apart < TOLERANCE)) failed.push(id);
    const figures = [found.ours.at(-1)!, found.theirs.at(-1)!].map((loss) => loss.toFixed(6));
    const rounding = furthest(found.theirs, found.exact).toExponential(1);
    rows.push(
      `| ${id} | ${recipe.batch} | ${figures.join(' | ')} | ${apart.toExponential(1)} | ${rounding} |`,
    );
    echo(rows.at(-1)!);
  }
  if (docs) {
    const block = [
      `${about} on this project's first weights and images, ${STEPS} steps:`,
      '',
      '| network | batch | last loss here | in PyTorch | furthest of all steps, relative | PyTorch in 32 bits from PyTorch in 64 bits |',
      '|---|---|---|---|---|---|',
      ...rows,
    ].join('\n');
    writeWhole(PAGE, betweenMarkers(PAGE, readFileSync(PAGE, 'utf8'), block));
    echo(`${PAGE} written.`);
  }
  if (failed.length > 0) {
    throw new GateError(
      `Losses are further than ${TOLERANCE} from PyTorch's: ${failed.join(', ')}.`,
      ExitCode.targetFailed,
    );
  }
}

async function tasks(): Promise<readonly Task[]> {
  const mnist = await findMnist();
  if (mnist === undefined) {
    throw new GateError('There is no MNIST at hand: set MNIST_DIR or run `npm run mnist`.');
  }
  const order = epochOrder(1, 0, mnist.train.count);
  const digits = pick(mnist.train, order.subarray(0, STEPS * 64));
  const corpus = corpusOf();
  return [
    ...ITERATIONS.map((number) => {
      const { id, network, recipe } = findIteration(number);
      return { id, network, recipe: { ...PLAIN, batch: recipe.batch }, images: digits };
    }),
    ...NETWORKS.map((id) => {
      const network = networkOfTokens(corpus.find((entry) => entry.id === id)!);
      const isDigits = network.input.join() === '28,28,1';
      const images = isDigits ? digits : stepImages(network, STEPS * PLAIN.batch);
      return { id, network, recipe: PLAIN, images };
    }),
  ];
}
