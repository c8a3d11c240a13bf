import { describeFact, describeField } from '../record.ts';
import { analysisSentences, resultSentence, signed, targetSentence } from './analysis.ts';
import { spreadOf } from '../statistics/spread.ts';
import { CONSISTENT_AT } from './summary.ts';
import type { Described } from './summary.ts';
import { markdownTable, markdownText } from './text.ts';

/** Room for a paragraph of prose, characters. */
const PROSE = 4_000;

/** Where the pictures of an iteration are, from the document that shows them; undefined: there is none. */
export interface PicturesOf {
  readonly curves: string;
  readonly confusion: string;
  readonly learningRate: string | undefined;
  readonly seeds: readonly string[];
  readonly network: string | undefined;
}

/** One line an iteration: what it costs, what it ends with, and whether it stays there. Pure. */
export function smallTable(iterations: readonly Described[]): string {
  const several = iterations.some(({ runs }) => runs.length > 1);
  const headings = [
    'iteration',
    'parameters',
    'field',
    'train %',
    'test %',
    'gap',
    `${CONSISTENT_AT} % in every epoch from`,
    ...(several ? ['seeds', 'mean %', 'SD', 'lowest %', 'hold it'] : []),
  ];
  return markdownTable(
    headings,
    iterations.map((iteration) => [
      `${iteration.id}: ${iteration.name}`,
      describeFact(iteration.parameters),
      describeField(iteration.receptiveField),
      lastOf(iteration.trainAccuracy),
      lastOf(iteration.testAccuracy),
      signed(iteration.gap),
      iteration.consistentFrom === null ? 'not consistent' : String(iteration.consistentFrom),
      ...(several ? seedCells(iteration) : []),
    ]),
  );
}

/** Number of seeds; mean, standard deviation and lowest of what they end with; how many of them hold the line to the end. */
function seedCells({ runs }: Described): string[] {
  const ends = runs.map(({ testAccuracy }) => testAccuracy.at(-1) ?? 0);
  const spread = spreadOf(ends);
  const held = runs.filter(({ consistentFrom }) => consistentFrom !== null).length;
  return [
    String(runs.length),
    spread.mean.toFixed(2),
    spread.sd === undefined ? '' : spread.sd.toFixed(3),
    spread.lowest.toFixed(2),
    `${held} of ${runs.length}`,
  ];
}

/** Target, result and analysis of each iteration with its pictures; each is compared with the one before. Pure. */
export function toResults(
  iterations: readonly Described[],
  picturesOf: (iteration: Described) => PicturesOf,
): string {
  return iterations
    .map((iteration, i) => sectionOf(iteration, iterations[i - 1], picturesOf(iteration)))
    .join('\n\n');
}

function sectionOf(iteration: Described, before: Described | undefined, pictures: PicturesOf): string {
  const { id, name, targets } = iteration;
  const named = markdownText(`${id}: ${name}`);
  const { curves, confusion, learningRate, network, seeds } = pictures;
  return [
    `## ${named}`,
    `- **Target:** ${markdownText(targetSentence(targets), PROSE)}`,
    `- **Result:** ${markdownText(resultSentence(iteration), PROSE)}`,
    `- **Analysis:** ${markdownText(analysisSentences(iteration, before).join(' '), PROSE)}`,
    '',
    ...(network === undefined ? [] : [`![The network of ${named}](${network})`, '']),
    `![Accuracy of ${named} over the epochs](${curves})`,
    ...seeds.flatMap((picture) => ['', `![Seeds of ${named}](${picture})`]),
    ...(learningRate === undefined ? [] : ['', `![Learning rate of ${named}](${learningRate})`]),
    '',
    `<details><summary>Confusion matrix</summary>\n\n![Confusion matrix of ${named}](${confusion})\n\n</details>`,
  ].join('\n');
}

function lastOf(accuracy: readonly number[]): string {
  return (accuracy.at(-1) ?? 0).toFixed(2);
}
