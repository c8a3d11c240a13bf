import { bufferOf } from './buffers.ts';
import type { Buffer, Lanes } from './emit.ts';
import type { Call } from './recorder.ts';

/** A value as one of the inputs of a unit, which may read it several times. */
export interface Reading {
  readonly value: number;
  readonly reader: number;
  readonly input: number;
}

/** What a reader adds to the gradient of a value. */
export interface Contribution extends Reading {
  readonly level: number;
  /** Absent: the kernel adds by itself. */
  readonly own?: Lanes;
}

/**
 * The reader whose backward kernels run first writes the gradient, the others add. Returns the readings (`readingKey`) that
 * add by themselves; for the rest a call that adds is put behind their own.
 */
export function settleContributions(
  contributions: readonly Contribution[],
  gradients: readonly Lanes[],
  backward: ReadonlyMap<number, readonly { calls: Call[] }[]>,
  same: Map<Buffer, Buffer>,
): ReadonlySet<string> {
  const adds = new Set<string>();
  const written = new Set<number>();
  const ordered = contributions.toSorted((a, b) => b.level - a.level || b.reader - a.reader);
  for (const contribution of ordered) {
    const { value, reader, own } = contribution;
    const isFirst = !written.has(value);
    written.add(value);
    const gradient = gradients[value]!;
    if (own === undefined) {
      if (!isFirst) adds.add(readingKey(contribution));
    } else if (isFirst) {
      same.set(bufferOf(own), bufferOf(gradient));
    } else {
      const floats = own.shape.reduce((product, size) => product * size, 1);
      const a = { a: gradient.at, aStride: gradient.stride };
      const b = { b: own.at, bStride: own.stride, output: gradient.at, outputStride: gradient.stride };
      backward
        .get(reader)!
        .at(-1)!
        .calls.push({ kernel: 'add', fields: { ...a, ...b, floats } });
    }
  }
  return adds;
}

export function readingKey({ value, reader, input }: Reading): string {
  return `${value} ${reader} ${input}`;
}
