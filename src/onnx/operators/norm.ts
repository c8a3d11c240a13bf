import { mapToLast } from '../layout.ts';
import type { OnnxTensor } from '../tensor.ts';
import {
  type Data,
  decimal,
  floatsOf,
  heldOf,
  NO_MAP,
  NO_WEIGHTS,
  type Operator,
  type Use,
} from '../value.ts';
import { constantOf } from './dense.ts';

export const batchNorm: Operator = (use) => {
  const input = use.data(0);
  const tensors = [1, 2, 3, 4].map((i) => use.tensor(i));
  const [gamma, beta, mean, variance] = tensors.map(floatsOf);
  if (input?.shape === undefined || (input.shape.length === 3 && input.layout !== 'first')) return NO_MAP;
  if (!gamma || !beta || !mean || !variance) return NO_WEIGHTS;
  const isAffine = !isTrivial(tensors[0]!, tensors[1]!);
  return use.emit({
    type: 'batchNorm',
    settings: {
      momentum: decimal(use.number('momentum', 0.9)),
      epsilon: decimal(use.number('epsilon', 1e-5)),
      ...(isAffine ? {} : { scale: false, center: false }),
    },
    from: [input],
    weights: [...(isAffine ? [gamma, beta] : []), mean, variance],
    held: [
      ...(isAffine ? [heldOf(tensors[0]!), heldOf(tensors[1]!)] : []),
      heldOf(tensors[2]!, false),
      heldOf(tensors[3]!, false),
    ],
  });
};

/** Of each channel; on the way between two reshapings, of each group: PyTorch writes a group norm so. */
export const instanceNorm: Operator = (use) => {
  const input = use.data(0);
  const tensors = [use.tensor(1), use.tensor(2)] as const;
  const [gamma, beta] = tensors.map(floatsOf);
  if (input?.shape?.length !== 3 || input.layout !== 'first') return NO_MAP;
  if (!gamma || !beta) return NO_WEIGHTS;
  const epsilon = decimal(use.number('epsilon', 1e-5));
  if (input.groups === undefined) {
    const affine = !isTrivial(tensors[0]!, tensors[1]!);
    return use.emit({
      type: 'instanceNorm',
      settings: { epsilon, affine },
      from: [input],
      weights: affine ? [gamma, beta] : [],
      held: affine ? tensors.map((tensor) => heldOf(tensor!)) : [],
    });
  }
  if (gamma.some((value) => value !== 1) || beta.some((value) => value !== 0)) {
    return 'scales whole groups of channels';
  }
  return grouped(use, input, input.groups, epsilon);
};

/** The reshaping back, and the factor and summand a channel, where they follow. */
function grouped(use: Use, input: Data, groups: number, epsilon: number): Data | string {
  const back = use.reader(use.node.outputs[0]!);
  if (back?.operator !== 'Reshape') return 'normalizes groups of channels that are not put back';
  use.absorb(back);
  const channels = input.shape!.at(-1)!;
  const plain = { ...input };
  delete (plain as { groups?: number }).groups;
  const scaling = use.reader(back.outputs[0]!);
  const adding = scaling && use.reader(scaling.outputs[0]!);
  const factor = scaling?.operator === 'Mul' ? constantOf(use, scaling) : undefined;
  const summand = adding?.operator === 'Add' ? constantOf(use, adding) : undefined;
  const [gamma, beta] = [floatsOf(factor), floatsOf(summand)];
  const affine = isPerChannel(factor, channels) && isPerChannel(summand, channels) && gamma && beta;
  if (affine) {
    use.absorb(scaling!);
    use.absorb(adding!);
  }
  return use.emit({
    type: 'groupNorm',
    settings: { groups, epsilon, affine: Boolean(affine) },
    from: [plain],
    weights: affine ? [gamma, beta] : [],
    held: affine ? [heldOf(factor!), heldOf(summand!)] : [],
  });
}

/** From opset 21 on with a factor a channel. */
export const groupNorm: Operator = (use) => {
  const input = use.data(0);
  const tensors = [use.tensor(1), use.tensor(2)] as const;
  const [gamma, beta] = tensors.map(floatsOf);
  if (input?.shape?.length !== 3 || input.layout !== 'first') return NO_MAP;
  if (!gamma || !beta) return NO_WEIGHTS;
  if (gamma.length !== input.shape[2]) return 'scales whole groups of channels';
  return use.emit({
    type: 'groupNorm',
    settings: { groups: use.number('num_groups', 1), epsilon: decimal(use.number('epsilon', 1e-5)) },
    from: [input],
    weights: [gamma, beta],
    held: tensors.map((tensor) => heldOf(tensor!)),
  });
};

export const layerNorm: Operator = (use) => {
  const input = use.data(0);
  const tensors = [use.tensor(1), use.tensor(2)] as const;
  const [gamma, beta] = tensors.map(floatsOf);
  if (input?.shape === undefined) return NO_MAP;
  if (!gamma || !beta) return NO_WEIGHTS;
  const rank = input.shape.length + 1;
  const axis = (use.number('axis', -1) + rank) % rank;
  const isLast = axis === rank - 1 && (rank === 2 || input.layout === 'last');
  if (axis !== 1 && !isLast)
    return `normalizes from axis ${axis} on, not over the channels or all of an image`;
  const turn = (values: Float32Array, tensor: OnnxTensor) =>
    axis === 1 && rank === 4 && input.layout === 'first' ? mapToLast(values, tensor.dims) : values;
  const size = isLast ? input.shape.at(-1)! : input.shape.reduce((product, each) => product * each, 1);
  if (gamma.length !== size || beta.length !== size) return 'scales otherwise than value by value';
  return use.emit({
    type: 'layerNorm',
    settings: { over: isLast ? 'channels' : 'image', epsilon: decimal(use.number('epsilon', 1e-5)) },
    from: [input],
    weights: [turn(gamma, tensors[0]!), turn(beta, tensors[1]!)],
    held: tensors.map((tensor) => heldOf(tensor!)),
  });
};

/**
 * A factor of ones and a summand of zeros that have the name of no weight: the operator asks for them, the network has none.
 * Under a weight's name they are weights that were never trained.
 */
function isTrivial(factor: OnnxTensor, summand: OnnxTensor): boolean {
  return (
    !/weight|gamma|scale/i.test(factor.name) &&
    !/bias|beta/i.test(summand.name) &&
    floatsOf(factor)!.every((value) => value === 1) &&
    floatsOf(summand)!.every((value) => value === 0)
  );
}

/** [channels, 1, 1] */
function isPerChannel(tensor: OnnxTensor | undefined, channels: number): boolean {
  const dims = tensor?.dims.slice(-3);
  return dims?.join() === `${channels},1,1`;
}
