import type { BlockKernel, DescribedKernel, OnceKernel } from './descriptor.ts';
import { descriptorBytes, writeDescriptor } from './descriptor.ts';
import type { Buffer, Field } from './emit.ts';
import { SHARDS } from './lanes.ts';
import { type MemoryPlan, planMemory } from './memory.ts';
import { bufferOf } from './buffers.ts';
import type { Call, Recording } from './recorder.ts';

/** A compiled step or evaluation: plain data, the same for all threads. */
export interface Program {
  readonly prepare: readonly Step<OnceKernel>[];
  readonly phases: readonly {
    readonly each: readonly Step<BlockKernel>[];
    readonly once: readonly Step<OnceKernel>[];
  }[];
  readonly finish: readonly Step<OnceKernel>[];
  /** Adds up what `finish` left of weights that are used more than once. */
  readonly addUp: readonly Step<OnceKernel>[];
  /** Bytes from a thread's descriptors to the next one's. */
  readonly descriptorStride: number;
  /** How many shards a batch is cut into; fewer images than the batch make no more of them. */
  readonly shardCount: number;
  /** What is cleared of a shard before its first block. */
  readonly sums: readonly { readonly address: number; readonly stride: number; readonly bytes: number }[];
  /** Where a thread lays the images of a block: one address a thread. */
  readonly image: { readonly addresses: readonly number[]; readonly stride: number };
}

export interface Step<K> {
  readonly kernel: K;
  /** Address of the first thread's descriptor. */
  readonly descriptor: number;
}

export interface Placement {
  readonly fixed: ReadonlyMap<Buffer, number>;
  readonly start: number;
  readonly blocks: number;
  readonly threads: number;
}

export interface Laid {
  readonly program: Program;
  readonly end: number;
  /** Fills in what does not change: descriptors and constants. */
  write(memory: WebAssembly.Memory): void;
}

/** Gives everything that was recorded its place. */
export function layProgram(recording: Recording, { fixed, start, blocks, threads }: Placement): Laid {
  const plan = planMemory({ recording, fixed, start, blocks, shards: SHARDS, threads });
  const placed: { readonly call: Call; readonly at: number }[] = [];
  const base = Math.ceil(plan.end / 64) * 64;
  let bytes = 0;
  const place = <K extends DescribedKernel>(calls: readonly Call[]): Step<K>[] =>
    calls.map((call) => {
      placed.push({ call, at: base + bytes });
      const step = { kernel: call.kernel as K, descriptor: base + bytes };
      bytes += descriptorBytes(call.kernel);
      return step;
    });
  const prepare = place<OnceKernel>(recording.prepare);
  const phases = recording.phases.map(({ each, once }) => ({
    each: place<BlockKernel>(each),
    once: place<OnceKernel>(once),
  }));
  const finish = place<OnceKernel>(recording.finish);
  const addUp = place<OnceKernel>(recording.addUp);
  const descriptorStride = Math.ceil(bytes / 64) * 64 + 64;
  const image = bufferOf(recording.image);
  const program: Program = {
    prepare,
    phases,
    finish,
    addUp,
    descriptorStride,
    shardCount: recording.shardCount,
    sums: recording.sums.map((buffer) => ({
      address: plan.address(buffer, 0),
      stride: plan.stride(buffer),
      bytes: buffer.bytes,
    })),
    image: {
      addresses: Array.from({ length: threads }, (_, thread) => plan.address(image, thread)),
      stride: plan.stride(image),
    },
  };
  return {
    program,
    end: base + threads * descriptorStride,
    write(memory) {
      for (let thread = 0; thread < threads; thread++) {
        for (const { call, at } of placed) {
          const values = valuesOf(call, recording, plan, thread);
          writeDescriptor(memory, at + thread * descriptorStride, call.kernel, values as never);
        }
      }
      for (const { buffer, value, floats } of recording.constants) {
        new Float32Array(memory.buffer, plan.address(buffer, 0), floats).fill(value);
      }
    },
  };
}

function valuesOf({ fields }: Call, recording: Recording, plan: MemoryPlan, thread: number) {
  const valueOf = (field: Field): number => {
    if (typeof field === 'number') return field;
    if (field.kind === 'address') return plan.address(field.buffer, thread) + field.offset;
    if (field.kind === 'stride') return plan.stride(field.buffer);
    return recording.adds(field) ? 1 : 0;
  };
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueOf(field)]));
}
