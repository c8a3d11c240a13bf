import * as tf from '@tensorflow/tfjs-core';

/**
 * Operations of TensorFlow that tfjs-node has no call for: one kernel forward and one backward, where tfjs computes the
 * same out of a dozen small ones. The current backend must be 'tensorflow'.
 */

/** Told the moments of a batch, one value a channel, the biased variance; both live only as long as the call. */
export type OnMoments = (mean: tf.Tensor, variance: tf.Tensor) => void;

/**
 * Batch norm of x [batch, height, width, channels] by its own moments, as in training; gradients for x, scale and offset.
 * https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNormV3
 */
export function fusedBatchNorm(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
  onMoments: OnMoments,
): tf.Tensor4D {
  const backend = tensorFlow();
  const { TF_ATTR_TYPE, TF_ATTR_STRING, TF_ATTR_BOOL, TF_ATTR_FLOAT, TF_FLOAT } = backend.binding;
  const attributes = [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'U', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: TF_ATTR_BOOL, value: true },
  ];
  const wholeBatch = { name: 'exponential_avg_factor', type: TF_ATTR_FLOAT, value: 1 };
  const operation = tf.customGrad((...args) => {
    const [x, scale, offset, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, Save];
    const none = tf.tensor1d([], 'float32');
    const [y, mean, unbiased, ...reserved] = backend.executeMultipleOutputs(
      'FusedBatchNormV3',
      [...attributes, wholeBatch],
      [x, scale, offset, none, none],
      6,
    );
    const count = x.size / scale.size;
    onMoments(mean!, tf.mul(unbiased!, Math.max(1, count - 1) / count));
    save([x, scale, ...reserved]);
    return {
      value: y!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backend.executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, ...saved], 5).slice(0, 3),
    };
  });
  return operation(x, scale, offset) as tf.Tensor4D;
}

/** ReLU whose gradient is one kernel. */
export function relu(x: tf.Tensor): tf.Tensor {
  const backend = tensorFlow();
  const { TF_ATTR_TYPE, TF_FLOAT } = backend.binding;
  const attributes = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }];
  const operation = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor, Save];
    const value = tf.relu(x);
    save([value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backend.executeSingleOutput('ReluGrad', attributes, [dy, saved[0]!]),
    };
  });
  return operation(x);
}

type Save = (tensors: tf.Tensor[]) => void;

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What tfjs-node's backend runs any operation of TensorFlow with. */
interface TensorFlow {
  readonly binding: Readonly<
    Record<'TF_ATTR_TYPE' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_ATTR_FLOAT' | 'TF_FLOAT', number>
  >;
  executeSingleOutput(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
}

function tensorFlow(): TensorFlow {
  return tf.backend() as unknown as TensorFlow;
}
