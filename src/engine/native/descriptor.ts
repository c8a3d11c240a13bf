import { blockKernels, descriptors, onceKernels } from './bindings.ts';

export type BlockKernel = keyof typeof blockKernels;
export type OnceKernel = keyof typeof onceKernels;
export type DescribedKernel = BlockKernel | OnceKernel;

/** Names of the fields of the descriptor that a kernel takes. */
export type FieldOf<K extends DescribedKernel> = keyof (typeof descriptors)[DescriptorOf<K>]['fields'] &
  string;
type DescriptorOf<K extends DescribedKernel> = (typeof blockKernels & typeof onceKernels)[K];

/** Bytes of the descriptor that `kernel` takes: a multiple of eight. */
export function descriptorBytes(kernel: DescribedKernel): number {
  return descriptors[descriptorOf(kernel)].bytes;
}

/** Writes the descriptor of `kernel` to address `at` (a multiple of eight), all its fields. */
export function writeDescriptor<K extends DescribedKernel>(
  memory: WebAssembly.Memory,
  at: number,
  kernel: K,
  values: Readonly<Record<FieldOf<K>, number>>,
): void {
  const view = new DataView(memory.buffer);
  const fields: Readonly<Record<string, readonly [offset: number, type: FieldType]>> =
    descriptors[descriptorOf(kernel)].fields;
  for (const [name, [offset, type]] of Object.entries(fields)) {
    WRITERS[type](view, at + offset, values[name as FieldOf<K>]);
  }
}

type FieldType = 'i32' | 'u32' | 'usize' | 'f32' | 'f64';

const WRITERS: Readonly<Record<FieldType, (view: DataView, at: number, value: number) => void>> = {
  i32: (view, at, value) => view.setInt32(at, value, true),
  u32: (view, at, value) => view.setUint32(at, value, true),
  usize: (view, at, value) => view.setUint32(at, value, true),
  f32: (view, at, value) => view.setFloat32(at, value, true),
  f64: (view, at, value) => view.setFloat64(at, value, true),
};

function descriptorOf(kernel: DescribedKernel): keyof typeof descriptors {
  return { ...blockKernels, ...onceKernels }[kernel];
}
