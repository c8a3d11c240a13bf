import type { Digit } from '../drawing/network.ts';
import { standalone } from '../drawing/svg.ts';
import { numberOf } from './described.ts';
import { confusionOf, costOf, curvesOf, ladderOf, learningRateOf, networkOf, seedsOf } from './drawings.ts';
import { betweenMarkers } from './markers.ts';
import { PUBLISHED } from './published.ts';
import { smallTable, toResults } from './results.ts';
import type { Described } from './summary.ts';

export const README = 'README.md';
export const RESULTS = 'docs/results.md';
/** Of the SVGs, all of which are made here. */
export const PICTURES = 'docs/pictures';

export interface DocumentsInput {
  readonly iterations: readonly Described[];
  /** As they stand: all outside their markers is a person's. */
  readonly readme: string;
  readonly results: string;
  /** What the networks are shown to look at. */
  readonly digit?: Digit;
}

/** Everything in the repository that is made from the records, by its path from the root. Pure. */
export function documentsOf({ iterations, readme, results, digit }: DocumentsInput): Map<string, string> {
  const pictures = new Map<string, string>();
  const add = (name: string, drawing: string) => {
    pictures.set(`${PICTURES}/${name}.svg`, standalone(drawing));
    return `pictures/${name}.svg`;
  };
  const networks = networkPictures(iterations, digit);
  for (const [name, { drawing }] of networks) add(name, drawing);
  add('curves', ladderOf(iterations));
  add('cost', costOf(iterations, PUBLISHED));
  const sections = toResults(iterations, (iteration) => ({
    curves: add(`${iteration.id}-curves`, curvesOf(iteration)),
    confusion: add(`${iteration.id}-confusion`, confusionOf(iteration)),
    learningRate: changes(iteration.learningRate)
      ? add(`${iteration.id}-learning-rate`, learningRateOf(iteration))
      : undefined,
    seeds: seedsOf(iteration).map((drawing, i) => add(`${iteration.id}-seeds-${i + 1}`, drawing)),
    network: networkPathOf(iteration, networks),
  }));
  return new Map([
    [README, betweenMarkers(README, readme, readmeBlock(iterations))],
    [RESULTS, betweenMarkers(RESULTS, results, resultsBlock(iterations, sections))],
    ...pictures,
  ]);
}

function readmeBlock(iterations: readonly Described[]): string {
  return `![Test accuracy of every iteration over the epochs](${PICTURES}/curves.svg)\n\n${smallTable(iterations)}`;
}

function resultsBlock(iterations: readonly Described[], sections: string): string {
  return [
    '![Test accuracy of every iteration over the epochs](pictures/curves.svg)',
    smallTable(iterations),
    '![Test accuracy against parameters, beside the published ones](pictures/cost.svg)',
    sections,
  ].join('\n\n');
}

function networkPathOf({ id }: Described, networks: ReturnType<typeof networkPictures>): string | undefined {
  const name = [...networks].find(([, { of }]) => of === id)?.[0];
  return name === undefined ? undefined : `pictures/${name}.svg`;
}

/**
 * One diagram for each receptive-field table, of the first network that has it: "network_32" the first with that field, "network_32-9" that
 * of iteration 9, which sees as much by other layers.
 */
function networkPictures(
  iterations: readonly Described[],
  digit: Digit | undefined,
): Map<string, { readonly of: string; readonly drawing: string }> {
  const networks = new Map<string, { readonly of: string; readonly drawing: string }>();
  const tables = new Set<string>();
  for (const iteration of iterations) {
    const { id, receptiveField, receptiveFieldTable } = iteration;
    const drawing = networkOf(iteration, digit);
    if (drawing === undefined || !receptiveField.known || !receptiveFieldTable.known) continue;
    const table = JSON.stringify(receptiveFieldTable.value.map((row) => ({ ...row, layerName: '' })));
    if (tables.has(table)) continue;
    tables.add(table);
    const name = `network_${receptiveField.value.height}`;
    networks.set(networks.has(name) ? `${name}-${numberOf(iteration)}` : name, { of: id, drawing });
  }
  return networks;
}

function changes(rates: readonly number[]): boolean {
  return rates.some((rate) => rate !== rates[0]);
}
