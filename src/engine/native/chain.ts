import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';

/** Convolution -> batch norm -> ReLU -> (2x2 max pooling) -> (dropout); the last link is a convolution alone. */
export interface Link {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filters: number;
  readonly kernel: number;
  /** Zeros before the first and after the last row and column. */
  readonly padding: number;
  readonly pool: boolean;
  readonly dropout: number;
  /** Absent in the last link. */
  readonly batchNorm?: { readonly epsilon: number; readonly momentum: number };
  /** Names of the layers that hold the weights. */
  readonly convolutionLayer: string;
  readonly batchNormLayer?: string;
}

/** A network that the native engine can run: links, then global average pooling of the last one's output to logits. */
export interface Chain {
  readonly links: readonly Link[];
  readonly classes: number;
}

/** The chain that `model` is, or the reason, in one line, why the native engine cannot run it. */
export function chainOf(model: LayersModel): Chain | { readonly reason: string } {
  const layers = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
  const frozen = layers.find((layer) => layer.weights.length > 0 && !layer.trainable);
  if (frozen !== undefined) return { reason: `layer ${frozen.name}: its weights are frozen` };
  const links: Link[] = [];
  let at = 0;
  const next = (className: string) => layers[at]?.getClassName() === className;
  while (next('Conv2D')) {
    const layer = layers[at++]!;
    const problem = convolutionProblem(layer.getConfig());
    if (problem !== undefined) return { reason: `layer ${layer.name}: ${problem}` };
    const [, height, width, channels] = (layer.input as SymbolicTensor).shape;
    const [, outHeight, outWidth, filters] = (layer.output as SymbolicTensor).shape;
    const kernel = first(layer.getConfig()['kernelSize']);
    const base = {
      height: height!,
      width: width!,
      channels: channels!,
      outHeight: outHeight!,
      outWidth: outWidth!,
      filters: filters!,
      kernel,
      padding: layer.getConfig()['padding'] === 'same' ? (kernel - 1) / 2 : 0,
      convolutionLayer: layer.name,
    };
    if (!next('BatchNormalization')) {
      links.push({ ...base, pool: false, dropout: 0 });
      break;
    }
    const norm = layers[at++]!;
    const { epsilon, momentum, center, scale } = norm.getConfig();
    if (center !== true || scale !== true) return { reason: `layer ${norm.name}: without gamma or beta` };
    if (!next('ReLU')) return { reason: `layer ${norm.name}: no ReLU layer follows it` };
    if (typeof layers[at]!.getConfig()['maxValue'] === 'number') {
      return { reason: `layer ${layers[at]!.name}: ReLU with a maximum` };
    }
    at++;
    const pool = next('MaxPooling2D');
    if (pool && !isTwoByTwo(layers[at++]!.getConfig())) return { reason: 'max pooling other than 2x2' };
    const dropout = next('Dropout') ? Number(layers[at++]!.getConfig()['rate']) : 0;
    links.push({
      ...base,
      pool,
      dropout,
      batchNorm: { epsilon: Number(epsilon), momentum: Number(momentum) },
      batchNormLayer: norm.name,
    });
  }
  if (links[0] !== undefined && links[0].channels !== 1)
    return { reason: 'its images have more than one channel' };
  const last = links.at(-1);
  if (last === undefined || links.length < 2) return { reason: 'it does not begin with two convolutions' };
  if (last.batchNorm !== undefined || !next('GlobalAveragePooling2D') || at !== layers.length - 1) {
    return {
      reason:
        'it is not a chain of convolution, batch norm, ReLU that ends in a convolution and global average pooling',
    };
  }
  return { links, classes: last.filters };
}

function convolutionProblem(config: Record<string, unknown>): string | undefined {
  if (config['useBias'] === true) return 'convolution with a bias';
  if (config['activation'] !== 'linear') return 'convolution with an activation of its own';
  if (!isAll(config['strides'], 1)) return 'convolution with a stride';
  if (!isAll(config['dilationRate'], 1)) return 'convolution with dilation';
  const [rows, columns] = config['kernelSize'] as number[];
  if (rows !== columns) return 'kernel that is not square';
  if (config['padding'] === 'same' && rows! % 2 === 0) return "even kernel with padding 'same'";
  return undefined;
}

function isTwoByTwo(config: Record<string, unknown>): boolean {
  return isAll(config['poolSize'], 2) && isAll(config['strides'], 2) && config['padding'] === 'valid';
}

function isAll(value: unknown, expected: number): boolean {
  return [value].flat().every((each) => each === expected);
}

function first(value: unknown): number {
  return Number(Array.isArray(value) ? value[0] : value);
}
