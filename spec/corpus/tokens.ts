import { GateError } from '../../src/errors.ts';
import type { Layer, Network } from '../../src/model/layers.ts';
import { opOf } from '../../src/ops/index.ts';
import type { Shape } from '../../src/ops/op.ts';

/** A network as the corpus writes it: one token a layer, in order. */
export interface Written {
  readonly id: string;
  readonly input: readonly [height: number, width: number, channels: number];
  readonly layers: string;
}

/**
 * The plain data of a network that the corpus writes in tokens. Padding is PyTorch's, symmetric zeros, where it is not named.
 * Throws GateError with the network's id and the token that says something plain data cannot say.
 */
export function networkOfTokens({ id, input, layers: text }: Written): Network {
  const tokens = text.split(/\s+/).filter((token) => token !== '');
  const layers: Layer[] = [];
  /** By token, from 0 for the input: which layer's output it stands for, and that output's shape. */
  const places: Place[] = [{ name: 'input', shape: input }];
  const add = (layer: Layer, read: readonly Place[], token: string): Place => {
    const name = `layer${layers.length + 1}`;
    const op = opOf(layer.type)!;
    const placed = { ...layer, name, from: read.map((place) => place.name) } as Layer;
    const shape = op.shape(
      op.schema.parse(placed),
      read.map((place) => place.shape),
    );
    if (typeof shape === 'string') throw new GateError(`${id}, token ${token}: it ${shape}`);
    layers.push(placed);
    return { name, shape };
  };
  for (const [i, token] of tokens.entries()) {
    const [kind, references] = token.split('@') as [string, string?];
    const read =
      references === undefined ? [places[i]!] : references.split(',').map((place) => places[Number(place)]!);
    if (read.includes(undefined as never))
      throw new GateError(`${id}, token ${token}: it reads a token that there is not.`);
    let [first] = read as [Place];
    // What reads a vector may be handed a map: that is flattened before it.
    if (kind.startsWith('FC') && first.shape.length === 3) first = add({ type: 'flatten' }, [first], token);
    const layer = layerOf(kind, first.shape, isFollowedByMap(tokens, i + 1), () => {
      throw new GateError(`${id}, token ${token}: it is not known.`);
    });
    const whole = kind === 'ADD' || kind === 'CAT' ? read : [first];
    places.push(layer === undefined ? first : add(layer, whole, token));
  }
  const last = places.at(-1)!;
  if (last.shape.length === 3) {
    if (last.shape[0] !== 1 || last.shape[1] !== 1)
      throw new GateError(`${id}: it ends in a map of ${last.shape.join(' x ')}.`);
    add({ type: 'flatten' }, [last], 'at its end');
  }
  return { input, layers };
}

interface Place {
  readonly name: string;
  readonly shape: Shape;
}

/** Whether a map must come out before token `from`: PyTorch pools globally to 1 x 1, plain data to a vector where that is all the same. */
function isFollowedByMap(tokens: readonly string[], from: number): boolean {
  const next = tokens.slice(from).find((token) => !/^(R6?|LR[\d.]*|A:.*|BN!?|S?D[\d.]+|LSM|SM)$/.test(token));
  return next !== undefined && !/^(FL|FC\d+b?|G[AM]P|A[AM]P1(x1)?)$/.test(next);
}

/** Undefined: the token changes nothing. */
function layerOf(token: string, input: Shape, toMap: boolean, fail: () => never): Layer | undefined {
  const isMap = input.length === 3;
  const number = (pattern: RegExp) => Number(pattern.exec(token)?.[1]);
  if (/^C\d/.test(token)) return convolutionOf(token, fail);
  if (/^[MA]P\d/.test(token)) return poolOf(token, fail);
  if (/^(GAP|AAP1(x1)?)$/.test(token)) return globalPool('averagePool', 'globalAveragePool', input, toMap);
  if (/^(GMP|AMP1(x1)?)$/.test(token)) return globalPool('maxPool', 'globalMaxPool', input, toMap);
  if (/^FC\d+b?$/.test(token)) return { type: 'dense', units: number(/^FC(\d+)/), bias: token.endsWith('b') };
  if (/^BN!?$/.test(token))
    return { type: 'batchNorm', ...(token === 'BN!' ? { scale: false, center: false } : {}) };
  if (/^GN\d+$/.test(token)) return { type: 'groupNorm', groups: number(/^GN(\d+)/) };
  // LN1 goes over the channels of a map, LN3 and LN over all of it.
  if (/^LN\d*$/.test(token))
    return { type: 'layerNorm', over: isMap && token === 'LN1' ? 'channels' : 'image' };
  if (/^LR[\d.]*$/.test(token))
    return { type: 'leakyRelu', slope: token === 'LR' ? 0.01 : number(/^LR([\d.]+)/) };
  if (/^D[\d.]+$/.test(token)) return { type: 'dropout', rate: number(/^D([\d.]+)/) };
  if (/^SD[\d.]+$/.test(token))
    return { type: isMap ? 'spatialDropout' : 'dropout', rate: number(/^SD([\d.]+)/) };
  if (token.startsWith('A:'))
    return (
      ACTIVATIONS[
        token
          .slice(2)
          .toLowerCase()
          .replaceAll(/[^a-z0-9]/g, '')
      ] ?? fail()
    );
  if (token === 'FL') return isMap ? { type: 'flatten' } : undefined;
  return PLAIN[token] ?? fail();
}

const PLAIN: Readonly<Record<string, Layer>> = {
  R: { type: 'relu' },
  R6: { type: 'relu', max: 6 },
  IN: { type: 'instanceNorm' },
  SM: { type: 'softmax' },
  LSM: { type: 'logSoftmax' },
  ADD: { type: 'add' },
  CAT: { type: 'concatenate' },
};

/** By PyTorch's names. CELU without settings is ELU; the hard sigmoid is Keras'. */
const ACTIVATIONS: Readonly<Record<string, Layer>> = {
  relu: { type: 'relu' },
  relu6: { type: 'relu', max: 6 },
  leakyrelu: { type: 'leakyRelu' },
  prelu: { type: 'prelu', slopes: 'one' },
  elu: { type: 'activation', function: 'elu' },
  celu: { type: 'activation', function: 'elu' },
  selu: { type: 'activation', function: 'selu' },
  gelu: { type: 'activation', function: 'gelu' },
  silu: { type: 'activation', function: 'swish' },
  swish: { type: 'activation', function: 'swish' },
  mish: { type: 'activation', function: 'mish' },
  sigmoid: { type: 'activation', function: 'sigmoid' },
  logsigmoid: { type: 'activation', function: 'logSigmoid' },
  tanh: { type: 'activation', function: 'tanh' },
  hardtanh: { type: 'activation', function: 'hardTanh' },
  hardswish: { type: 'activation', function: 'hardSwish' },
  hardsigmoid: { type: 'activation', function: 'hardSigmoid' },
  softplus: { type: 'activation', function: 'softplus' },
  softsign: { type: 'activation', function: 'softsign' },
  linear: { type: 'activation', function: 'linear' },
  identity: { type: 'activation', function: 'linear' },
  softmax: { type: 'softmax' },
  logsoftmax: { type: 'logSoftmax' },
};

const SIDE = String.raw`(\d+(?:x\d+)?)`;
const CONVOLUTION = new RegExp(
  String.raw`^C(\d+)k${SIDE}(?:s${SIDE})?(?:p${SIDE})?(?:d${SIDE})?(?:g(\d+))?(b)?(?:\*(replicate|reflect|same|zeros))?$`,
);
const POOL = new RegExp(String.raw`^([MA])P${SIDE}(?:s${SIDE})?(?:p${SIDE})?$`);

function convolutionOf(token: string, fail: () => never): Layer {
  const [, filters, kernel, stride, padding, dilation, groups, bias, named] =
    CONVOLUTION.exec(token) ?? fail();
  return {
    type: 'convolution',
    filters: Number(filters),
    kernel: sides(kernel!),
    stride: sides(stride ?? '1'),
    padding: named === 'same' ? 'same' : sides(padding ?? '0'),
    dilation: sides(dilation ?? '1'),
    groups: Number(groups ?? 1),
    bias: bias !== undefined,
    ...(named === 'replicate' || named === 'reflect' ? { paddingMode: named } : {}),
  };
}

function poolOf(token: string, fail: () => never): Layer {
  const [, kind, size, stride, padding] = POOL.exec(token) ?? fail();
  return {
    type: kind === 'M' ? 'maxPool' : 'averagePool',
    size: sides(size!),
    stride: sides(stride ?? size!),
    padding: sides(padding ?? '0'),
  };
}

function globalPool(
  windowed: 'averagePool' | 'maxPool',
  whole: 'globalAveragePool' | 'globalMaxPool',
  input: Shape,
  toMap: boolean,
): Layer | undefined {
  if (input.length === 1) return undefined;
  return toMap ? { type: windowed, size: [input[0]!, input[1]!] } : { type: whole };
}

/** "3" or "3x1": high, wide. */
function sides(text: string): [number, number] {
  const [height, width = height] = text.split('x').map(Number);
  return [height!, width!];
}
