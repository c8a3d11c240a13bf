import { formatValue } from '../gates/verdict.ts';
import { known, sumOf, valueOr } from '../fact.ts';
import { describeFact, type LayerCost, type LayerRow } from '../record.ts';
import { oneLine } from './text.ts';

/** Where a model's parameters, multiply-adds and receptive field come from: what to look at when one is over its target. */

export const WHY_HEADINGS = [
  'layer',
  'output',
  'parameters',
  'share',
  'multiply-adds',
  'share',
  'receptive field',
] as const;

/**
 * The layers that cost something or widen the receptive field, those with the most parameters first. A model whose field is
 * not known has an empty `table`; its last column is empty.
 */
export function whyRows(layers: readonly LayerCost[], table: readonly LayerRow[]): string[][] {
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const multiplyAdds = sumOf(layers.map((layer) => layer.multiplyAdds));
  return layers
    .map((layer) => ({ layer, row: table.find(({ layerName }) => layerName === layer.layer) }))
    .filter(
      ({ layer, row }) => row !== undefined || layer.parameters > 0 || valueOr(layer.multiplyAdds, 1) > 0,
    )
    .toSorted((a, b) => b.layer.parameters - a.layer.parameters || work(b.layer) - work(a.layer))
    .map(({ layer, row }) => [
      layer.layer,
      layer.output.map((size) => size ?? 'any').join(' x '),
      formatValue(layer.parameters, ''),
      share(layer.parameters, parameters),
      describeFact(layer.multiplyAdds),
      multiplyAdds.known ? share(work(layer), multiplyAdds.value) : '',
      row ? fieldOf(row) : '',
    ]);
}

/** The rows and their totals as text, for a terminal. */
export function whyText(layers: readonly LayerCost[], table: readonly LayerRow[]): string {
  const lines = [[...WHY_HEADINGS], ...whyRows(layers, table), totals(layers, table)];
  const cells = lines.map((line) => line.map((cell) => oneLine(cell)));
  const widths = WHY_HEADINGS.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

function totals(layers: readonly LayerCost[], table: readonly LayerRow[]): string[] {
  const field = table.at(-1)?.receptiveFieldOut;
  return [
    'in all',
    '',
    describeFact(sumOf(layers.map((layer) => known(layer.parameters)))),
    '',
    describeFact(sumOf(layers.map((layer) => layer.multiplyAdds))),
    '',
    field === undefined ? 'not known' : String(field),
  ];
}

function work({ multiplyAdds }: LayerCost): number {
  return valueOr(multiplyAdds, 0);
}

/** "10 (+4)": the field after the layer, and what the layer adds to it. */
function fieldOf({ receptiveFieldIn, receptiveFieldOut }: LayerRow): string {
  return `${receptiveFieldOut} (+${receptiveFieldOut - receptiveFieldIn})`;
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(0)} %`;
}
