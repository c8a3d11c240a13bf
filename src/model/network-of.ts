import type { layers, LayersModel } from '@tensorflow/tfjs-layers';
import { GateError } from '../errors.ts';
import { type ActivationFunction, STOCK_FUNCTIONS } from '../ops/activation.ts';
import { opOf, ops } from '../ops/index.ts';
import type { Settings, Sides, StockLayer } from '../ops/op.ts';
import { type Application, applicationsOf, MODEL_INPUT } from './applications.ts';
import { type Graph, graphOf, hasOwnWeights } from './graph.ts';
import type { Layer, Network } from './layers.ts';

export type LayerVariable = layers.Layer['weights'][number];

/** A model as plain data, and where its weights are. */
export interface ReadModel {
  readonly network: Network;
  readonly graph: Graph;
  /** Of each layer of the network with weights of its own, by its name: the model's variables in the order of its op's weights. */
  readonly weights: ReadonlyMap<string, readonly LayerVariable[]>;
}

/**
 * The plain data that say the same as a sequential or functional model from one image to one output, models inside it
 * included; or the reason, in one line, why there are none: the layer, and what it is or does. What is read is computed as
 * the model computes it, in training too: a layer that adds to the loss, say, is refused.
 */
export function networkOf(model: LayersModel): ReadModel | { readonly reason: string } {
  const input = inputOf(model);
  if ('reason' in input) return input;
  if (model.outputs.length !== 1) return { reason: `it has ${model.outputs.length} outputs, not one` };
  const applications = applicationsOf(model);
  const trained = new Set(model.trainableWeights);
  const drafts: Draft[] = [];
  const places: number[] = [];
  const owners = new Map<StockLayer, string>();
  for (const application of applications.list) {
    const read = draftsOf(application, trained);
    if (typeof read === 'string') return { reason: `layer ${application.name}: ${read}` };
    const [main, ...after] = read;
    const owner = owners.get(application.layer);
    if (owner === undefined) owners.set(application.layer, main!.name);
    const isShared = owner !== undefined && main!.weights !== undefined;
    const used = isShared ? { ...main!, settings: { ...main!.settings, weightsOf: owner } } : main!;
    for (const [i, draft] of [used, ...after].entries()) {
      const from =
        i === 0
          ? application.inputs.map(({ of }) => (of === MODEL_INPUT ? MODEL_INPUT : places[of]!))
          : [drafts.length - 1];
      drafts.push({ ...draft, from });
    }
    places.push(drafts.length - 1);
  }
  const last = places[applications.outputs[0]!.of];
  if (last !== drafts.length - 1) return { reason: 'its output is not what its last layer gives' };
  const whole = folded(drafts);
  const left = whole.find(({ settings }) => settings['mode'] === 'lowest');
  if (left !== undefined)
    return { reason: `layer ${left.name}: it pads for a max pooling, which does not follow` };
  return readAs({ input: input.shape, layers: written(whole) }, drafts, trained);
}

/** A layer on its way to plain data. */
interface Draft {
  readonly type: string;
  readonly name: string;
  readonly settings: Settings;
  /** Places of what it reads. */
  readonly from: readonly number[];
  readonly frozen: boolean;
  /** Absent: it has none. */
  readonly weights?: readonly LayerVariable[];
  readonly outputShape: readonly (number | null)[];
}

function inputOf(model: LayersModel): { readonly shape: Network['input'] } | { readonly reason: string } {
  if (model.inputs.length !== 1) return { reason: `it has ${model.inputs.length} inputs, not one` };
  const [batch, ...sizes] = model.inputs[0]!.shape;
  const text = [batch, ...sizes].map((size) => size ?? 'any').join(', ');
  const [height, width, channels] = sizes;
  if (sizes.length === 3 && height && width && channels) return { shape: [height, width, channels] };
  return { reason: `its input is [${text}], not [batch, height, width, channels] of known size` };
}

/** What a layer does in plain data, its own activation after it; or why it cannot be said. */
function draftsOf(
  application: Application,
  trained: ReadonlySet<LayerVariable>,
): readonly Omit<Draft, 'from'>[] | string {
  const { layer, inputShapes: inputs, outputShapes } = application;
  const className = layer.getClassName();
  const config = layer.getConfig();
  const extra = Object.keys(config).find(
    (key) => /(Regularizer|Constraint)$/.test(key) && config[key] !== null && config[key] !== undefined,
  );
  if (extra !== undefined) return `it has a ${extra}`;
  const found = ops.flatMap((op) => {
    const settings = op.read({ className, config, inputs });
    return settings === undefined ? [] : [{ type: op.type, settings }];
  });
  const [first] = found;
  if (first === undefined) return `${className} is not known`;
  if (typeof first.settings === 'string') return `it ${first.settings.replace(/\.$/, '')}`;
  const weights = layer.weights;
  const base = {
    name: nameOf(application),
    frozen:
      hasTrainable(first.type, first.settings, inputs) && !weights.some((weight) => trained.has(weight)),
    outputShape: outputShapes[0]!,
  };
  const main = {
    ...base,
    type: first.type,
    settings: first.settings,
    ...(weights.length === 0 ? {} : { weights }),
  };
  const own = className === 'Activation' ? undefined : ownActivation(config['activation']);
  if (own === undefined) return [main];
  if (typeof own === 'string') return own;
  return [main, { ...base, name: `${base.name}_activation`, frozen: false, type: own.type, settings: own }];
}

/** Whether a layer of these settings has weights to train: a batch norm may have moving statistics alone. */
function hasTrainable(
  type: string,
  settings: Settings,
  inputs: readonly (readonly (number | null)[])[],
): boolean {
  const op = opOf(type)!;
  const layer = op.schema.safeParse({ ...settings, type });
  const shapes = inputs.map((sizes) => sizes.map((size) => size ?? 0));
  return layer.success && (op.weights?.(layer.data, shapes).some(({ trainable }) => trainable) ?? false);
}

/** The layer that does what a layer's `activation` does after it; a string: why there is none. */
function ownActivation(activation: unknown): { readonly type: string } | string | undefined {
  if (activation === undefined || activation === null || activation === 'linear') return undefined;
  if (activation === 'relu') return { type: 'relu' };
  if (activation === 'relu6') return { type: 'relu', max: 6 } as { readonly type: string };
  if (activation === 'softmax' || activation === 'logSoftmax') return { type: activation };
  const known: ActivationFunction | undefined = STOCK_FUNCTIONS.find((each) => each === activation);
  return known
    ? ({ type: 'activation', function: known } as { readonly type: string })
    : `its activation ${String(activation)} is not known`;
}

/** Names of tfjs may hold anything; "input" is the image. */
function nameOf({ name }: Application): string {
  return name === 'input' ? 'input_' : name.replaceAll(/[^\w./-]/g, '_');
}

const FOLDS: Readonly<Record<string, readonly unknown[]>> = {
  convolution: [undefined, 'zeros', 'replicate', 'reflect'],
  averagePool: [undefined, 'zeros'],
  maxPool: ['lowest'],
};

/** Padding that one windowed layer alone reads becomes that layer's own: as people write it, and faster. */
function folded(drafts: readonly Draft[]): readonly Draft[] {
  const readers = (place: number) => drafts.filter(({ from }) => from.includes(place)).length;
  const gone = new Map<number, number>();
  const changed = drafts.map((draft): Draft => {
    const [place] = draft.from;
    const before = place === undefined || place === MODEL_INPUT ? undefined : drafts[place];
    if (before?.type !== 'padding' || draft.settings['padding'] !== 'valid' || readers(place!) > 1)
      return draft;
    const { padding, mode } = before.settings;
    if (!FOLDS[draft.type]?.includes(mode)) return draft;
    gone.set(place!, before.from[0]!);
    const settings = {
      ...draft.settings,
      padding: padding as Sides,
      ...(draft.type === 'convolution' && mode !== undefined ? { paddingMode: mode } : {}),
    };
    return { ...draft, settings, from: [before.from[0]!] };
  });
  const places = new Map([[MODEL_INPUT, MODEL_INPUT]]);
  const left = changed.flatMap((draft, place) => {
    if (gone.has(place)) return [];
    places.set(place, places.size - 1);
    return [draft];
  });
  return left.map((draft) => ({ ...draft, from: draft.from.map((place) => places.get(place)!) }));
}

function written(drafts: readonly Draft[]): readonly Layer[] {
  return drafts.map((draft, i) => {
    const from = draft.from.map((place) => (place === MODEL_INPUT ? 'input' : drafts[place]!.name));
    const follows = draft.from.length === 1 && draft.from[0] === i - 1;
    return {
      ...draft.settings,
      type: draft.type,
      name: draft.name,
      ...(follows ? {} : { from }),
      ...(draft.frozen ? { frozen: true } : {}),
    } as Layer;
  });
}

/** Resolves the network, and compares each layer with the one it was read from: shapes and weights must be the same. */
function readAs(
  network: Network,
  drafts: readonly Draft[],
  trained: ReadonlySet<LayerVariable>,
): ReadModel | { readonly reason: string } {
  let graph: Graph;
  try {
    graph = graphOf(network);
  } catch (error) {
    if (error instanceof GateError) return { reason: error.message };
    throw error;
  }
  const weights = new Map<string, readonly LayerVariable[]>();
  for (const node of graph.nodes) {
    const { name, shape, weights: described } = node;
    const draft = drafts.find((each) => each.name === name)!;
    const found = draft.weights ?? [];
    const differs =
      shape.join() !== draft.outputShape.join() ||
      found.length !== described.length ||
      found.some((variable, i) => variable.shape.join() !== described[i]!.shape.join());
    if (differs) return { reason: `layer ${name}: its shapes are not those that its settings mean` };
    const odd = found.findIndex((variable, i) => trained.has(variable) !== described[i]!.trainable);
    if (odd >= 0)
      return { reason: `layer ${name}: its weight ${described[odd]!.name} alone is frozen or not` };
    if (hasOwnWeights(node)) weights.set(name, found);
  }
  return { network, graph, weights };
}
