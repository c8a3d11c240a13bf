import type { Operator } from '../value.ts';
import * as activation from './activation.ts';
import * as constant from './constant.ts';
import { convolution } from './convolution.ts';
import { gemm, matMul } from './dense.ts';
import { add, concatenate } from './merge.ts';
import { batchNorm, groupNorm, instanceNorm, layerNorm } from './norm.ts';
import { averagePool, globalPool, maxPool, reduced } from './pool.ts';
import * as shape from './shape.ts';

/** Operators of ONNX that may be one of this project's layers (https://onnx.ai/onnx/operators/). */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  Conv: convolution,
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNorm,
  InstanceNormalization: instanceNorm,
  GroupNormalization: groupNorm,
  LayerNormalization: layerNorm,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool('average'),
  GlobalMaxPool: globalPool('max'),
  ReduceMean: reduced('average'),
  ReduceMax: reduced('max'),
  Relu: activation.relu,
  LeakyRelu: activation.leakyRelu,
  PRelu: activation.prelu,
  Clip: activation.clip,
  Sigmoid: activation.sigmoid,
  Tanh: activation.pointwise('tanh'),
  Elu: activation.withAlpha('elu', 1, 1),
  Celu: activation.withAlpha('elu', 1, 1),
  Selu: activation.pointwise('selu'),
  Gelu: activation.gelu,
  Softplus: activation.pointwise('softplus'),
  Softsign: activation.pointwise('softsign'),
  HardSigmoid: activation.hardSigmoid,
  HardSwish: activation.pointwise('hardSwish'),
  Swish: activation.withAlpha('swish', 1, 1),
  Mish: activation.pointwise('mish'),
  Softmax: activation.alongChannels('softmax'),
  LogSoftmax: activation.alongChannels('logSoftmax'),
  Add: add,
  Sum: add,
  Concat: (use) => constant.joined(use) ?? shape.joinSizes(use) ?? concatenate(use),
  Dropout: shape.identity,
  Identity: shape.identity,
  Constant: shape.constant,
  Flatten: shape.flatten,
  Reshape: shape.reshape,
  Squeeze: shape.squeeze,
  Unsqueeze: shape.passSizes,
  Cast: (use) => use.input(0) ?? 'reads nothing',
  Transpose: (use) => constant.turned(use) ?? shape.transpose(use),
  Pad: shape.pad,
  Shape: shape.shapeOf,
  Gather: shape.gather,
  Slice: (use) => constant.reversed(use) ?? shape.slice(use),
  CastLike: constant.castLike,
  ConstantOfShape: constant.filled,
  Expand: constant.expand,
  Sub: constant.subtract,
  Range: constant.range,
};

/** Operators that pass every position on by itself, of whatever settings. */
export const POINTWISE: ReadonlySet<string> = new Set(
  (
    'Abs Acos Asin Atan BatchNormalization Cast Ceil Celu Clip Cos Dropout Elu Erf Exp Floor Gelu GroupNormalization ' +
    'HardSigmoid HardSwish Identity InstanceNormalization LayerNormalization LeakyRelu Log Mish Neg PRelu Reciprocal Relu Round ' +
    'Selu Sigmoid Sign Sin Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu'
  ).split(' '),
);

/** Operators that make each position out of the same position of what they read. */
export const MERGES: ReadonlySet<string> = new Set('Add Sub Mul Div Pow Min Max Mean Sum'.split(' '));
