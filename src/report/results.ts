import { describeFact, describeField } from '../record.ts';
import { analysisSentences, resultSentence, signed, targetSentence } from './analysis.ts';
import { spreadOf } from '../statistics/spread.ts';
import { lineOf, numberOf } from './described.ts';
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

/**
 * One line an iteration: what it costs, what it ends with, and whether it stays there. Of several seeds it tells how they spread, and
 * leaves train accuracy and gap to the sections: a README has no room for all. Pure.
 */
export function smallTable(iterations: readonly Described[]): string {
  const several = iterations.some(({ runs }) => runs.length > 1);
  const at = `${lineOf(iterations)} %`;
  const headings = [
    'iteration',
    'parameters',
    'field',
    ...(several ? [] : ['train %']),
    'test %',
    ...(several ? [] : ['gap']),
    several ? `${at} held from` : `${at} in every epoch from`,
    ...(several ? ['mean ± SD, %', 'lowest %', `seeds that hold ${at}`] : []),
  ];
  return markdownTable(
    headings,
    iterations.map((iteration) => [
      `${numberOf(iteration)}: ${iteration.name}`,
      describeFact(iteration.parameters),
      describeField(iteration.receptiveField),
      ...(several ? [] : [lastOf(iteration.trainAccuracy)]),
      lastOf(iteration.testAccuracy),
      ...(several ? [] : [signed(iteration.gap)]),
      iteration.consistentFrom === null ? 'never' : String(iteration.consistentFrom),
      ...(several ? seedCells(iteration) : []),
    ]),
  );
}

/** Mean, sample standard deviation and lowest of what the seeds end with; how many of how many hold the line, from which epochs. */
function seedCells({ runs }: Described): string[] {
  const { mean, sd, lowest } = spreadOf(runs.map(({ testAccuracy }) => testAccuracy.at(-1) ?? 0));
  const firsts = runs.flatMap(({ consistentFrom }) => consistentFrom ?? []);
  const [early, late] = [Math.min(...firsts), Math.max(...firsts)];
  const from = firsts.length === 0 ? '' : `, from ${early === late ? early : `${early} to ${late}`}`;
  return [
    `${mean.toFixed(2)}${sd === undefined ? '' : ` ± ${sd.toFixed(3)}`}`,
    lowest.toFixed(2),
    `${firsts.length} of ${runs.length}${from}`,
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
