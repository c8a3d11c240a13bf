import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { elements } from './compose.ts';

/** A kernel in plain loops over float32 arrays, the same for every backend that keeps its tensors within JavaScript's reach. */
export interface PlainKernel<A> {
  readonly name: string;
  /** In the order in which `compute` is given them. */
  readonly inputs: readonly string[];
  outputShape(inputs: readonly TensorInfo[], attributes: A): number[];
  /** `output` is filled with zeros. */
  compute(
    values: readonly Float32Array[],
    output: Float32Array,
    inputs: readonly TensorInfo[],
    attributes: A,
  ): void;
}

/** The kernel for the WASM backend. */
export function forWasm<A>(kernel: PlainKernel<A>): KernelConfig {
  return configOf(kernel, 'wasm', (inputs, attributes, backend: BackendWasm) => {
    const out = backend.makeOutput(kernel.outputShape(inputs, attributes), 'float32');
    // Views of the heap only after the last allocation.
    const values = inputs.map((input) => elements(backend, input));
    kernel.compute(values, elements(backend, out).fill(0), inputs, attributes);
    return out;
  });
}

/** The kernel for the cpu backend. */
export function forCpu<A>(kernel: PlainKernel<A>): KernelConfig {
  return configOf(kernel, 'cpu', (inputs, attributes, backend: MathBackendCPU) => {
    const shape = kernel.outputShape(inputs, attributes);
    const output = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const values = inputs.map(({ dataId }) => backend.data.get(dataId).values as Float32Array);
    kernel.compute(values, output, inputs, attributes);
    return backend.makeTensorInfo(shape, 'float32', output);
  });
}

function configOf<A, B>(
  { name, inputs: names }: PlainKernel<A>,
  backendName: string,
  run: (inputs: readonly TensorInfo[], attributes: A, backend: B) => TensorInfo,
): KernelConfig {
  const kernelFunc: KernelFunc = ({ inputs, backend, attrs }) =>
    run(
      names.map((each) => inputs[each] as TensorInfo),
      attrs as A,
      backend as B,
    );
  return { kernelName: name, backendName, kernelFunc };
}
