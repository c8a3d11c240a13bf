import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/**
 * The receptive field measured: rows and columns of the input, first to last, with a gradient of one output that is
 * not zero. It is taken from a twin of the model, built layer by layer from the model's own configuration, in which
 * each layer is replaced by a linear one that reads the same pixels: kernels are all 1 (so nothing cancels), max
 * pooling is average pooling, a global average is an average of the same fixed size, batch norm and activations are left out.
 * The gradient of a linear map with positive coefficients is zero exactly where the output does not depend on the
 * pixel, so the extent is exact. The twin gets `margin` pixels more on every side: the field must not be cut by the border.
 */
export function inputExtent(model: tfl.LayersModel, margin: number): { height: number; width: number } {
  const [, height, width, channels] = model.inputs[0]!.shape as [null, number, number, number];
  return tf.tidy(() => {
    const shape: [number, number, number] = [height + 2 * margin, width + 2 * margin, channels];
    const steps = layersOf(model).flatMap(linear);
    const input = tfl.layers.inputLayer({ inputShape: shape });
    const twin = tfl.sequential({ layers: [input, ...steps.map(({ layer }) => layer)] });
    for (const { layer, dilation } of steps)
      layer.setWeights(layer.getWeights().map((kernel) => ones(kernel, dilation)));
    const [, rows, columns, outputs] = twin.outputs[0]!.shape as [null, number, number, number];
    const centre = tf.tensor4d(oneAt(rows, columns, outputs), [1, rows, columns, outputs]);
    const gradient = tf.grad((x: tf.Tensor) => tf.mul(twin.apply(x) as tf.Tensor, centre))(
      tf.ones([1, ...shape]),
    );
    const seen = tf.notEqual(gradient, 0);
    const extents = { height: span(tf.any(seen, [0, 2, 3])), width: span(tf.any(seen, [0, 1, 3])) };
    twin.dispose();
    return extents;
  });
}

function layersOf(model: tfl.LayersModel): tfl.layers.Layer[] {
  return model.layers.flatMap((layer) => ('layers' in layer ? layersOf(layer as tfl.LayersModel) : [layer]));
}

interface Step {
  readonly layer: tfl.layers.Layer;
  /** Distance of the ones in its kernel. */
  readonly dilation: readonly [number, number];
}

/** What `getConfig` says of a window; numbers are written out for both axes. */
interface Window {
  readonly kernelSize: [number, number];
  readonly poolSize: [number, number];
  readonly strides: [number, number];
  readonly padding: 'valid' | 'same';
  readonly dilationRate: number | number[];
}

function linear(layer: tfl.layers.Layer): Step[] {
  const config = layer.getConfig() as unknown as Window;
  const { kernelSize, poolSize, strides, padding } = config;
  const step = (twin: tfl.layers.Layer): Step[] => [{ layer: twin, dilation: [1, 1] }];
  switch (layer.getClassName()) {
    case 'Conv2D':
      return [undilated(config)];
    case 'DepthwiseConv2D':
      return step(tfl.layers.depthwiseConv2d({ kernelSize, strides, padding, useBias: false }));
    case 'SeparableConv2D':
      return step(tfl.layers.separableConv2d({ filters: 1, kernelSize, strides, padding, useBias: false }));
    case 'MaxPooling2D':
    case 'AveragePooling2D':
      return step(tfl.layers.averagePooling2d({ poolSize, strides, padding }));
    case 'GlobalAveragePooling2D': {
      const [, rows, columns] = layer.inboundNodes[0]!.inputShapes[0] as unknown as [null, number, number];
      return step(tfl.layers.averagePooling2d({ poolSize: [rows, columns], strides: 1 }));
    }
    case 'ZeroPadding2D':
      return step(
        tfl.layers.zeroPadding2d({ padding: padding as unknown as [[number, number], [number, number]] }),
      );
    default:
      return [];
  }
}

/** tfjs has no gradient of a dilated convolution: a larger kernel with zeros between its ones is the same map. */
function undilated({ kernelSize, strides, padding, dilationRate }: Window): Step {
  const rates = [dilationRate].flat();
  const dilation = [rates[0]!, rates.at(-1)!] as const;
  const [rows, columns] = kernelSize;
  const larger: [number, number] = [(rows - 1) * dilation[0] + 1, (columns - 1) * dilation[1] + 1];
  return {
    layer: tfl.layers.conv2d({ filters: 1, kernelSize: larger, strides, padding, useBias: false }),
    dilation,
  };
}

function ones(kernel: tf.Tensor, [rows, columns]: readonly [number, number]): tf.Tensor {
  const [height, width, channels, filters] = kernel.shape as [number, number, number, number];
  const grid = tf.buffer([height, width, channels, filters]);
  for (let u = 0; u < height; u += rows) {
    for (let v = 0; v < width; v += columns) {
      for (let c = 0; c < channels; c++) for (let f = 0; f < filters; f++) grid.set(1, u, v, c, f);
    }
  }
  return grid.toTensor();
}

function oneAt(rows: number, columns: number, outputs: number): Float32Array {
  const values = new Float32Array(rows * columns * outputs);
  values[(Math.floor(rows / 2) * columns + Math.floor(columns / 2)) * outputs] = 1;
  return values;
}

function span(any: tf.Tensor): number {
  const flags = [...any.dataSync()];
  return flags.lastIndexOf(1) - flags.indexOf(1) + 1;
}
