import {
  backend_util,
  Conv2D,
  DepthwiseConv2dNative,
  FusedConv2D,
  FusedDepthwiseConv2D,
  getKernel,
  type KernelConfig,
  type KernelFunc,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

/** Forward convolutions of the WASM backend, as it has them. */
const NAMES = [Conv2D, DepthwiseConv2dNative, FusedConv2D, FusedDepthwiseConv2D];

interface Attributes {
  readonly strides: [number, number] | number;
  /** tf.layers gives null for 1 to a depthwise convolution. */
  readonly dilations?: [number, number] | number | null;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
}

/**
 * The stock convolutions of the selected WASM backend, told in numbers what padding 'same' is where an axis needs none. They
 * would compute the padding themselves as (out - 1) x stride + kernel - in, below 0 where strides leave pixels over, and then
 * give zeros.
 */
export function samePaddingConfigs(): KernelConfig[] {
  return NAMES.map((kernelName) => {
    const stock = getKernel(kernelName, 'wasm');
    const kernelFunc: KernelFunc = (call) =>
      stock.kernelFunc({ ...call, attrs: paddedAttributes(kernelName, call) });
    return { ...stock, kernelName, backendName: 'wasm', kernelFunc };
  });
}

function paddedAttributes(
  kernelName: string,
  { inputs, attrs }: Parameters<KernelFunc>[0],
): NonNullable<Parameters<KernelFunc>[0]['attrs']> {
  const { strides, dilations, pad, dataFormat = 'NHWC' } = attrs as unknown as Attributes;
  if (pad !== 'same' || dataFormat !== 'NHWC') return attrs!;
  const [x, filter] = ['x', 'filter'].map(
    (name) => (inputs[name] as TensorInfo).shape as [number, number, number, number],
  );
  const isDepthwise = kernelName === DepthwiseConv2dNative || kernelName === FusedDepthwiseConv2D;
  const info = backend_util.computeConv2DInfo(
    x!,
    filter!,
    strides,
    dilations ?? 1,
    pad,
    undefined,
    isDepthwise,
  );
  const { top, bottom, left, right } = info.padInfo;
  const rest = [
    (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight - info.inHeight,
    (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth - info.inWidth,
  ];
  if (rest.every((pixels) => pixels >= 0)) return attrs!;
  return {
    ...attrs,
    pad: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
  } as unknown as NonNullable<Parameters<KernelFunc>[0]['attrs']>;
}
