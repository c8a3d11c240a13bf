import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Fact, mapFact } from '../fact.ts';
import type { Field, ModelFacts } from '../record.ts';
import { layerCosts, total } from './cost.ts';
import { fieldsOfModel } from './geometry.ts';
import type { Fields } from './receptive-field.ts';

/** Parameters, multiply-adds and receptive field, computed from the built model; unknown ones say why. */
export function modelFacts(model: LayersModel): ModelFacts {
  const layers = layerCosts(model);
  const down = fieldsOfModel(model, 'height');
  const across = fieldsOfModel(model, 'width');
  return {
    ...total(layers),
    receptiveField: alongBoth(down, across, ({ field }) => field),
    receptiveFieldBeforeHead: alongBoth(down, across, ({ beforeHead }) => beforeHead),
    receptiveFieldTable: mapFact(down, ({ table }) => [...table]),
    layers,
  };
}

function alongBoth(down: Fact<Fields>, across: Fact<Fields>, of: (fields: Fields) => number): Fact<Field> {
  if (!across.known) return across;
  return mapFact(down, (fields) => ({ height: of(fields), width: of(across.value) }));
}
