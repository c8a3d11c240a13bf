import type { layers as stock, LayersModel } from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';
import type { LayerRow } from '../record.ts';
import { outputSize, paddingOf } from '../ops/window.ts';
import { type AxisStep, receptiveField } from './receptive-field.ts';

type StockLayer = stock.Layer;
type Axis = 'height' | 'width';

/** What a chain of layers does to an image along one axis. */
export interface Geometry {
  /** Pixels of the image along the axis. */
  readonly size: number;
  readonly steps: readonly AxisStep[];
}

/** The receptive-field table of a built model along one axis; throws GateError as `geometryOf` does. */
export function receptiveFieldTable(model: LayersModel, axis: Axis = 'height'): LayerRow[] {
  const { size, steps } = geometryOf(model, axis);
  return receptiveField(size, steps);
}

/**
 * Reads the windows of a built model's layers along one axis of its images. The model must be a chain from one
 * [batch, height, width, channels] input of known size, of layers whose reach is known; else a GateError names the layer.
 */
export function geometryOf(model: LayersModel, axis: Axis = 'height'): Geometry {
  const input = model.inputs.length === 1 ? model.inputs[0]!.shape : [];
  const size = input[axis === 'height' ? 1 : 2];
  if (input.length !== 4 || !size) {
    throw new GateError(
      `The receptive field needs a model with one input [batch, height, width, channels] of known size; ` +
        `"${model.name}" has ${model.inputs.map(({ shape }) => `[${shape.map((n) => n ?? 'any').join(', ')}]`).join(' and ')}. Give its first layer an inputShape.`,
    );
  }
  const steps: AxisStep[] = [];
  let current = size;
  for (const layer of chainOf(model)) {
    const step = stepOf(layer, current, axis);
    if (!step) continue;
    steps.push({ ...step, layerName: layer.name });
    current = outputSize(current, step);
  }
  return { size, steps };
}

/** Layers that pass every position on by itself. */
const POINTWISE = new Set([
  'Activation',
  'AlphaDropout',
  'BatchNormalization',
  'Dropout',
  'ELU',
  'Flatten',
  'GaussianDropout',
  'GaussianNoise',
  'InputLayer',
  'LeakyReLU',
  'PReLU',
  'ReLU',
  'Rescaling',
  'Softmax',
  'ThresholdedReLU',
]);

const WINDOWS: Readonly<Record<string, string>> = {
  Conv2D: 'Conv2d',
  DepthwiseConv2D: 'DepthwiseConv2d',
  SeparableConv2D: 'SeparableConv2d',
  MaxPooling2D: 'MaxPool',
  AveragePooling2D: 'AvgPool',
};

const WHOLE_MAP: Readonly<Record<string, string>> = {
  GlobalAveragePooling2D: 'GAP',
  GlobalMaxPooling2D: 'GMP',
};

function stepOf(layer: StockLayer, size: number, axis: Axis): AxisStep | undefined {
  const kind = layer.getClassName();
  const config = layer.getConfig();
  if (config['dataFormat'] === 'channelsFirst') {
    throw new GateError(`Layer "${layer.name}" puts channels first: build the model with channels last.`);
  }
  const whole = WHOLE_MAP[kind];
  if (whole) return wholeMap(whole, size);
  // After Flatten a dense layer reads every position; on a map that is still a map, each position by itself.
  if (kind === 'Dense') return wholeMap('Dense', inputRank(layer) === 2 ? size : 1);
  const operation = WINDOWS[kind];
  if (operation) {
    const along = (name: string, fallback: unknown) => pick(config[name] ?? fallback, axis);
    const kernel = along('kernelSize', config['poolSize']);
    const window = { kernel, stride: along('strides', kernel), dilation: along('dilationRate', 1) };
    return { operation, ...window, padding: paddingOf(config['padding'] as 'valid' | 'same', size, window) };
  }
  if (kind === 'ZeroPadding2D') {
    const sides = (config['padding'] as [[number, number], [number, number]])[axis === 'height' ? 0 : 1];
    return { operation: 'ZeroPad', kernel: 1, stride: 1, dilation: 1, padding: sides };
  }
  if (POINTWISE.has(kind)) return undefined;
  throw new GateError(
    `The receptive field through layer "${layer.name}" (${kind}) is not known. Known: ` +
      `${[...Object.keys(WINDOWS), ...Object.keys(WHOLE_MAP), 'Dense', 'ZeroPadding2D', ...POINTWISE].join(', ')}. ` +
      `Leave the receptive field out of this model's targets, or teach src/model/geometry.ts the layer.`,
  );
}

function wholeMap(operation: string, size: number): AxisStep {
  return { operation, kernel: size, stride: 1, dilation: 1, padding: [0, 0] };
}

function pick(value: unknown, axis: Axis): number {
  if (!Array.isArray(value)) return value as number;
  return (axis === 'height' ? value[0] : value.at(-1)) as number;
}

function inputRank(layer: StockLayer): number {
  return (layer.inboundNodes[0]!.inputShapes[0] as readonly unknown[]).length;
}

/** The layers of a model in order, those of models inside it in their place. */
function chainOf(model: LayersModel): StockLayer[] {
  const { layers } = model;
  if (model.getClassName() !== 'Sequential') {
    for (const [index, layer] of layers.entries()) {
      const follows = layer.inboundNodes.some(
        ({ inboundLayers }) => inboundLayers.length === 1 && inboundLayers[0] === layers[index - 1],
      );
      if (index > 0 && !follows) {
        throw new GateError(
          `The receptive field is computed for a chain of layers; in "${model.name}" the layer "${layer.name}" does not ` +
            `take just the output of "${layers[index - 1]!.name}". Leave the receptive field out of this model's targets.`,
        );
      }
    }
  }
  return layers.flatMap((layer) => (isModel(layer) ? chainOf(layer) : [layer]));
}

function isModel(layer: StockLayer): layer is LayersModel {
  return 'layers' in layer;
}
