import type { LayersModel } from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';
import { type Fact, known, mapFact, unknown } from '../fact.ts';
import type { Field, LayerRow, ModelFacts } from '../record.ts';
import { layerCosts, total } from './cost.ts';
import { receptiveFieldTable } from './geometry.ts';

/** Parameters, multiply-adds and receptive field, computed from the built model; unknown ones say why. */
export function modelFacts(model: LayersModel): ModelFacts {
  const layers = layerCosts(model);
  const rows = tableAlong(model, 'height');
  const across = tableAlong(model, 'width');
  return {
    ...total(layers),
    receptiveField: fieldOf(rows, across, outputField),
    receptiveFieldBeforeHead: fieldOf(rows, across, fieldBeforeHead),
    receptiveFieldTable: rows,
    layers,
  };
}

function tableAlong(model: LayersModel, axis: 'height' | 'width'): Fact<LayerRow[]> {
  try {
    return known(receptiveFieldTable(model, axis));
  } catch (error) {
    if (error instanceof GateError) return unknown(error.message);
    throw error;
  }
}

function fieldOf(
  rows: Fact<LayerRow[]>,
  across: Fact<LayerRow[]>,
  of: (rows: readonly LayerRow[]) => number,
): Fact<Field> {
  if (!across.known) return across;
  return mapFact(rows, (down) => ({ height: of(down), width: of(across.value) }));
}

function outputField(rows: readonly LayerRow[]): number {
  return rows.at(-1)?.receptiveFieldOut ?? 1;
}

/** Before the first layer that reads the whole map. */
function fieldBeforeHead(rows: readonly LayerRow[]): number {
  const head = rows.find(({ inputSize, kernel, outputSize }) => kernel === inputSize && outputSize === 1);
  return head === undefined ? outputField(rows) : head.receptiveFieldIn;
}
