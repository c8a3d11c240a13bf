import type { layers } from '@tensorflow/tfjs-layers';
import { type Fact, known, unknown } from '../fact.ts';
import type { StockLayer } from '../ops/op.ts';
import type { FreeShape } from './applications.ts';

/** What a layer reads and gives, of one image. */
export interface Use {
  readonly name: string;
  readonly layer: StockLayer;
  readonly inputShapes: readonly FreeShape[];
  readonly outputShapes: readonly FreeShape[];
}

/**
 * Multiply-adds of one image through one use of a `tf.layers` layer: those of kernels. What has no kernel (activations,
 * norms, poolings, merges) counts as none: it is small beside them. Unknown where a size is free or the kind is not known.
 */
export function multiplyAddsOf(use: Use): Fact {
  const kind = use.layer.getClassName();
  if (WITHOUT_KERNEL.has(kind)) return known(0);
  const rule = RULES[kind];
  if (rule === undefined) return unknown(`what layer ${use.name} (${kind}) costs is not known`);
  const value = rule(use);
  if (typeof value === 'string') return unknown(value);
  return Number.isFinite(value) ? known(value) : unknown(`layer ${use.name} has no fixed size`);
}

/** Kinds of `tf.layers`, and of this project, that multiply nothing by a kernel. */
const WITHOUT_KERNEL = new Set(
  (
    'Activation Add AlphaDropout Average AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization CategoryEncoding ' +
    'CenterCrop ChannelsFirstFlatten Concatenate Cropping2D Dropout ELU Embedding Flatten GaussianDropout GaussianNoise ' +
    'GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D GroupNormalization InputLayer ' +
    'LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum Multiply PReLU Padding2D ' +
    'PartialBatchNormalization Permute Pointwise RandomWidth ReLU RepeatVector Rescaling Reshape Resizing Softmax ' +
    'SpatialDropout1D ThresholdedReLU UpSampling2D ZeroPadding2D'
  ).split(' '),
);

/** NaN: a size is free. A string: why it is not known. */
type Rule = (use: Use) => number | string;

/** Every kernel weight is used once at every output position; a depthwise kernel's channels are its own positions. */
const convolved: Rule = ({ layer, outputShapes }) => positions(layer, outputShapes[0]!) * kernelsOf(layer);
/** Every kernel weight is used once at every input position. */
const transposed: Rule = ({ layer, inputShapes }) => positions(layer, inputShapes[0]!) * kernelsOf(layer);
/** Kernel and recurrent kernel are used once a step. */
const recurrent: Rule = ({ layer, inputShapes }) => size(inputShapes[0]![0]) * kernelsOf(layer);

const RULES: Readonly<Record<string, Rule>> = {
  Conv1D: convolved,
  Conv2D: convolved,
  Conv3D: convolved,
  DepthwiseConv2D: convolved,
  SeparableConv2D: convolved,
  GroupedConvolution2D: convolved,
  Conv2DTranspose: transposed,
  Conv3DTranspose: transposed,
  Dense: ({ layer, inputShapes }) => product(inputShapes[0]!.slice(0, -1)) * kernelsOf(layer),
  SimpleRNN: recurrent,
  LSTM: recurrent,
  GRU: recurrent,
  RNN(use) {
    const cells = cellsOf((use.layer as unknown as { cell: StockLayer }).cell);
    const odd = cells.find((cell) => !CELLS.has(cell.getClassName()));
    if (odd !== undefined)
      return `what the cell ${odd.name} (${odd.getClassName()}) of layer ${use.name} costs is not known`;
    return recurrent(use);
  },
  /** Its recurrent kernel, too, is used at every position of its output. */
  ConvLSTM2D({ layer, inputShapes, outputShapes }) {
    const map = outputShapes[0]!.slice(-3);
    return size(inputShapes[0]![0]) * positions(layer, map) * kernelsOf(layer);
  },
  /** Two layers of one kind over the same steps. */
  Bidirectional({ name, layer, inputShapes, outputShapes }) {
    const { forwardLayer, backwardLayer } = layer as unknown as Record<
      'forwardLayer' | 'backwardLayer',
      StockLayer
    >;
    const both = [forwardLayer, backwardLayer].map((each) =>
      multiplyAddsOf({ name, layer: each, inputShapes, outputShapes }),
    );
    return sum(both);
  },
  /** One layer at every step. */
  TimeDistributed({ name, layer, inputShapes, outputShapes }) {
    const [[steps, ...input], [, ...output]] = [inputShapes[0]!, outputShapes[0]!] as [FreeShape, FreeShape];
    const inner = (layer as layers.Layer & { layer: StockLayer }).layer;
    const once = sum([multiplyAddsOf({ name, layer: inner, inputShapes: [input], outputShapes: [output] })]);
    return typeof once === 'string' ? once : size(steps) * once;
  },
};

const CELLS = new Set(['SimpleRNNCell', 'LSTMCell', 'GRUCell']);

function cellsOf(cell: StockLayer): readonly StockLayer[] {
  return 'cells' in cell ? (cell.cells as StockLayer[]).flatMap(cellsOf) : [cell];
}

/** How many weights a layer's kernels have. */
function kernelsOf(layer: StockLayer): number {
  return layer.weights
    .filter((weight) => weight.originalName.endsWith('kernel'))
    .reduce((all, weight) => all + product(weight.shape), 0);
}

/** Of a map: all its sizes but the channels. */
function positions(layer: StockLayer, shape: FreeShape): number {
  const isFirst = layer.getConfig()['dataFormat'] === 'channelsFirst';
  return product(isFirst ? shape.slice(1) : shape.slice(0, -1));
}

function product(sizes: readonly (number | null)[]): number {
  return sizes.reduce<number>((all, each) => all * size(each), 1);
}

function size(value: number | null | undefined): number {
  return value ?? Number.NaN;
}

function sum(facts: readonly Fact[]): number | string {
  let all = 0;
  for (const fact of facts) {
    if (!fact.known) return fact.reason;
    all += fact.value;
  }
  return all;
}
