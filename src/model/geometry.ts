import type { LayersModel } from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';
import { type Fact, known, unknown } from '../fact.ts';
import { ops } from '../ops/index.ts';
import type { Shape } from '../ops/op.ts';
import type { LayerRow } from '../record.ts';
import { type Application, applicationsOf, type FreeShape, MODEL_INPUT } from './applications.ts';
import { fieldsOver, type Fields, IMAGE_STEP, type Step } from './receptive-field.ts';
import { type Axis, stepOf } from './steps.ts';

/**
 * The receptive fields of a built model along one axis of its images, over the uses of its layers: a layer that is applied
 * twice widens the field twice. Unknown, with the reason, where the model does not read one image of known size, or where the
 * reach of a layer is not known.
 */
export function fieldsOfModel(model: LayersModel, axis: Axis = 'height'): Fact<Fields> {
  const { list } = applicationsOf(model);
  const isFirst = layoutOf(list);
  if (isFirst === 'mixed') return unknown('some of its layers put channels first, and some last');
  const input = model.inputs.length === 1 ? model.inputs[0]!.shape : [];
  const sizes = toLast(input.slice(1), isFirst);
  const size = sizes[axis === 'height' ? 0 : 1];
  if (input.length !== 4 || !size || sizes.some((each) => !each)) {
    const found = model.inputs
      .map(({ shape }) => `[${shape.map((n) => n ?? 'any').join(', ')}]`)
      .join(' and ');
    return unknown(
      `it needs one input [batch, height, width, channels] of known size; "${model.name}" has ${found}`,
    );
  }
  if (model.outputs.length !== 1)
    return unknown(`"${model.name}" has ${model.outputs.length} outputs, not one`);
  const steps: Step[] = [];
  for (const application of list) {
    const step = along(application, axis, isFirst);
    if (!step.known) return step;
    steps.push(step.value);
  }
  return fieldsOver(size, steps);
}

/** The receptive-field table of a built model along one axis; throws GateError, with the reason, where it is not known. */
export function receptiveFieldTable(model: LayersModel, axis: Axis = 'height'): LayerRow[] {
  const fields = fieldsOfModel(model, axis);
  if (fields.known) return [...fields.value.table];
  throw new GateError(
    `The receptive field of "${model.name}" is not known: ${fields.reason}. Leave it out of this model's targets.`,
  );
}

/** Layers without an op that pass every position on by itself. Norms count as such: what they mix are statistics. */
const POINTWISE = new Set([
  'AlphaDropout',
  'BatchNormalization',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'GroupNormalization',
  'LayerNormalization',
  'PReLU',
  'Rescaling',
  'ThresholdedReLU',
]);

const MERGES: Readonly<Record<string, string>> = {
  Average: 'Average',
  Maximum: 'Maximum',
  Minimum: 'Minimum',
  Multiply: 'Multiply',
};

function along(application: Application, axis: Axis, isFirst: boolean): Fact<Step> {
  const { name, layer, inputs, inputShapes, outputShapes } = application;
  const kind = layer.getClassName();
  const base = { name, inputs: inputs.map(({ of }) => (of === MODEL_INPUT ? IMAGE_STEP : of)) };
  if (POINTWISE.has(kind)) return known({ ...base, isHead: false });
  const operation = MERGES[kind];
  if (operation !== undefined) {
    return known({
      ...base,
      isHead: false,
      reach: { kind: 'merge', operation, isMap: outputShapes[0]!.length === 3 },
    });
  }
  const { dataFormat: _, ...config } = layer.getConfig();
  const shapes = inputShapes.map((shape) => toLast(shape, isFirst) as Shape);
  for (const op of ops) {
    const settings = op.read({ className: kind, config, inputs: shapes });
    if (settings === undefined) continue;
    if (typeof settings === 'string') return unknown(`layer ${name} ${settings.replace(/\.$/, '')}`);
    // Along its last axis, which is the width where channels come first.
    if (isFirst && op.type === 'dense' && shapes[0]!.length === 3) break;
    const described = op.schema.parse({
      ...settings,
      ...(settings['mode'] === 'lowest' ? { mode: 'zeros' } : {}),
      type: op.type,
    });
    const shape = toLast(outputShapes[0]!, isFirst) as Shape;
    return known({ ...base, ...stepOf({ op, layer: described, inputShapes: shapes, shape }, axis) });
  }
  return unknown(`the reach of layer ${name} (${kind}) is not known`);
}

/** Whether maps have their channels first. */
function layoutOf(list: readonly Application[]): boolean | 'mixed' {
  const formats = new Set(
    list
      .filter(({ inputShapes }) => inputShapes[0]!.length === 3)
      .flatMap(({ layer }) => layer.getConfig()['dataFormat'] ?? []),
  );
  if (formats.has('channelsFirst') && formats.has('channelsLast')) return 'mixed';
  return formats.has('channelsFirst');
}

function toLast(shape: FreeShape, isFirst: boolean): FreeShape {
  return isFirst && shape.length === 3 ? [shape[1]!, shape[2]!, shape[0]!] : shape;
}
