import { percent } from '../../src/record.ts';
import { spreadOf } from '../../src/statistics/spread.ts';
import type { Candidate, LoggedRun, RecipeLog } from './log.ts';

/** Images of the validation split. */
const VALIDATION_IMAGES = 10_000;

/** The first epoch that iteration 6 promises. */
const FROM = 6;

/** What follows the channels of a convolution, by its type. */
const MARKS: Readonly<Record<string, string>> = { convolution: '', separableConvolution: 's' };

const COLUMNS = [
  'recipe',
  'parameters',
  'channels',
  'n',
  'mean %',
  'SD',
  'lowest %',
  `worst epoch from ${FROM} %`,
  'worst of the last four %',
  'what it is',
];

/** The tables of docs/recipes.md, one an iteration that recipes were tried for; within it by falling mean. Pure. */
export function recipeTables({ candidates, runs }: RecipeLog): string {
  const numbers = [...new Set(candidates.map(({ iteration }) => iteration))].toSorted((a, b) => a - b);
  return numbers
    .map((number) => {
      const rows = candidates
        .filter(({ iteration }) => iteration === number)
        .map((candidate) => ({ candidate, runs: runs.filter(({ run }) => run === candidate.candidate) }))
        .filter((row) => row.runs.length > 0)
        .toSorted((a, b) => meanOf(b.runs) - meanOf(a.runs));
      const lines = [COLUMNS, COLUMNS.map(() => '---'), ...rows.map((row) => cells(row.candidate, row.runs))];
      return `## For iteration ${number}\n\n${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}`;
    })
    .join('\n\n');
}

function meanOf(runs: readonly LoggedRun[]): number {
  return spreadOf(runs.map(({ correct }) => correct.at(-1)!)).mean;
}

function cells({ candidate, parameters, network, recipe }: Candidate, runs: readonly LoggedRun[]): string[] {
  const { n, mean, sd, lowest } = spreadOf(runs.map(({ correct }) => accuracy(correct.at(-1)!)));
  const worst = (from: number) => Math.min(...runs.flatMap(({ correct }) => correct.slice(from))).valueOf();
  const channels = network.layers.flatMap(({ type, filters }) =>
    type in MARKS ? [`${String(filters)}${MARKS[type]}`] : [],
  );
  return [
    candidate,
    parameters.toLocaleString('en-US'),
    channels.join('-'),
    String(n),
    mean.toFixed(3),
    sd === undefined ? '' : sd.toFixed(3),
    lowest.toFixed(2),
    accuracy(worst(FROM - 1)).toFixed(2),
    accuracy(worst(-4)).toFixed(2),
    describeRecipe(recipe, network),
  ];
}

function accuracy(correct: number): number {
  return percent(correct, VALIDATION_IMAGES);
}

function describeRecipe(recipe: Candidate['recipe'], network: Candidate['network']): string {
  const { schedule, weightDecay, augmentation, weightAveraging } = recipe as unknown as {
    readonly schedule: { readonly type: string; readonly points?: readonly (readonly [number, number])[] };
    readonly weightDecay?: number | { readonly rate: number; readonly norms: boolean };
    readonly augmentation?: Readonly<Record<string, number>>;
    readonly weightAveraging?: { readonly decay: number };
  };
  const rates = schedule.points?.map(([epochs, rate]) => `${epochs}: ${rate}`).join(', ');
  const drop = network.layers.find(({ type }) => type === 'dropout')?.['rate'];
  return [
    `learning rate ${rates ?? schedule.type}`,
    `batch ${String(recipe['batch'])}`,
    describeDecay(weightDecay),
    augmentation ? `scale ${augmentation['scale']}, shift ${augmentation['shift']}` : 'no augmentation',
    drop === undefined ? 'no dropout' : `dropout ${String(drop)}`,
    weightAveraging ? `averaged ${weightAveraging.decay}` : 'not averaged',
  ].join('; ');
}

function describeDecay(decay: number | { readonly rate: number; readonly norms: boolean } = 0): string {
  if (typeof decay === 'number') return `decay ${decay}`;
  return decay.norms ? `decay ${decay.rate}` : `decay ${decay.rate}, none of norms`;
}
