import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { StockLayer } from '../ops/op.ts';

/** One use of a layer: a layer that is applied twice has two. */
export interface Application {
  /** Place in the list. */
  readonly index: number;
  readonly layer: StockLayer;
  /** The layer's name behind those of the models that it is in: "encoder/conv1"; "#2" for its second use. */
  readonly name: string;
  readonly inputs: readonly Value[];
  /** Of one input; null: a free size. */
  readonly inputShapes: readonly FreeShape[];
  readonly outputShapes: readonly FreeShape[];
}

/** An output of an application, or, where `of` is `MODEL_INPUT`, one of the model's inputs. */
export interface Value {
  readonly of: number;
  readonly output: number;
}

export type FreeShape = readonly (number | null)[];

export interface Applications {
  readonly list: readonly Application[];
  readonly outputs: readonly Value[];
}

export const MODEL_INPUT = -1;

/**
 * The layers that a model applies, in an order of computation, those of models inside it in their place, input layers left
 * out: what the model's outputs depend on.
 */
export function applicationsOf(model: LayersModel): Applications {
  const list: Application[] = [];
  const uses = new Map<string, number>();
  const inputs = model.inputs.map((_, output) => ({ of: MODEL_INPUT, output }));
  const outputs = walk(model, inputs, '', (application) => {
    const count = (uses.get(application.name) ?? 0) + 1;
    uses.set(application.name, count);
    const name = count === 1 ? application.name : `${application.name}#${count}`;
    list.push({ ...application, name, index: list.length });
    return list.length - 1;
  });
  return { list, outputs };
}

/** Whether a layer is a model. */
function isModel(layer: StockLayer): layer is LayersModel {
  return 'layers' in layer;
}

/** Shapes that tfjs gives as one, or as a list, without the batch. */
function shapesOf(shapes: unknown): FreeShape[] {
  const list = Array.isArray(shapes) && shapes.every((each) => Array.isArray(each)) ? shapes : [shapes];
  return (list as FreeShape[]).map((shape) => shape.slice(1));
}

type Add = (application: Omit<Application, 'index'>) => number;

function walk(model: LayersModel, inputs: readonly Value[], path: string, add: Add): readonly Value[] {
  const known = new Map(model.inputs.map((tensor, i) => [tensor.id, inputs[i]!]));
  const valueOf = (tensor: SymbolicTensor): Value => {
    const found = known.get(tensor.id);
    if (found !== undefined) return found;
    const layer = tensor.sourceLayer;
    const node = layer.inboundNodes[tensor.nodeIndex]!;
    const read = node.inputTensors.map(valueOf);
    const made = isModel(layer)
      ? walk(layer, read, `${path}${layer.name}/`, add)
      : outputsOf(
          add({
            layer,
            name: `${path}${layer.name}`,
            inputs: read,
            inputShapes: shapesOf(node.inputShapes),
            outputShapes: node.outputTensors.map(({ shape }) => shape.slice(1)),
          }),
          node.outputTensors.length,
        );
    node.outputTensors.forEach((output, i) => known.set(output.id, made[i]!));
    return known.get(tensor.id)!;
  };
  return model.outputs.map(valueOf);
}

function outputsOf(of: number, count: number): readonly Value[] {
  return Array.from({ length: count }, (_, output) => ({ of, output }));
}
