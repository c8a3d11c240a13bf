import crc32c from 'crc-32/crc32c.js';
import { messageOf } from '../errors.ts';
import { damaged } from '../formats/bounded-file.ts';
import { defineMessages } from '../formats/protobuf.ts';
import type { LogRow } from './curve.ts';

/** The fields of an event that scalars are in (https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto). */
const tensorboard = defineMessages('tensorboard', {
  Event: { step: [2, 'int64'], summary: [5, 'Summary'] },
  Summary: { value: [1, 'Value[]'] },
  Value: { tag: [1, 'string'], simpleValue: [2, 'float'], tensor: [8, 'TensorProto'] },
  TensorProto: { dtype: [1, 'int32'], tensorContent: [4, 'bytes'], floatVal: [5, 'float[]'] },
});
interface Event {
  readonly step: bigint;
  readonly summary?: {
    readonly value: readonly {
      readonly tag: string;
      readonly simpleValue: number;
      readonly tensor?: {
        readonly dtype: number;
        readonly tensorContent: Uint8Array;
        readonly floatVal: readonly number[];
      };
    }[];
  };
}

const FLOAT = 1;
/** Before a record's data: its length (8 bytes) and the length's checksum (4); after it: the data's checksum. */
const LENGTH_BYTES = 8;
const CHECKSUM_BYTES = 4;

export function isEvents(bytes: Uint8Array, name: string): boolean {
  return (
    name.includes('tfevents') ||
    (bytes.length > 12 && maskedChecksum(bytes.subarray(0, LENGTH_BYTES)) === wordAt(bytes, LENGTH_BYTES))
  );
}

/**
 * The scalars of a TensorBoard event file, a row a step. A tag that is written more often than once an epoch makes more steps
 * than there are epochs: tags are numbered each by themselves, in the order of their steps. An "epoch" among the tags, as
 * Lightning writes it, says which epoch a step is of.
 */
export function rowsOfEvents(bytes: Uint8Array, file: string): LogRow[] {
  const tags = new Map<string, [step: number, value: number][]>();
  for (const record of recordsOf(bytes, file)) {
    const event = decoded(record, file);
    for (const { tag, simpleValue, tensor } of event.summary?.value ?? []) {
      const value = tensor === undefined ? simpleValue : scalarOf(tensor);
      if (value === undefined) continue;
      const list = tags.get(tag) ?? [];
      list.push([Number(event.step), value]);
      tags.set(tag, list);
    }
  }
  const epochAt = new Map(tags.get('epoch'));
  tags.delete('epoch');
  return [...tags].flatMap(([tag, values]) =>
    values
      .toSorted(([a], [b]) => a - b)
      .map(([step, value], i): LogRow => ({
        epoch: epochAt.get(step) ?? i,
        [tag]: String(Number(value.toPrecision(7))),
      })),
  );
}

function* recordsOf(bytes: Uint8Array, file: string): Generator<Uint8Array> {
  const wrong = (expected: string, found: string) =>
    damaged(
      file,
      'a TensorBoard event file',
      expected,
      found,
      'It was cut off or changed: train anew, into a new folder.',
    );
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < LENGTH_BYTES + CHECKSUM_BYTES)
      throw wrong('a whole record at its end', `${bytes.length - at} bytes`);
    const head = bytes.subarray(at, at + LENGTH_BYTES);
    if (maskedChecksum(head) !== wordAt(bytes, at + LENGTH_BYTES))
      throw wrong(`the checksum of the record at ${at}`, 'another');
    const length = Number(new DataView(head.buffer, head.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
    const from = at + LENGTH_BYTES + CHECKSUM_BYTES;
    if (length > bytes.length - from - CHECKSUM_BYTES)
      throw wrong(`a record of ${length} bytes`, `${bytes.length - from}`);
    const data = bytes.subarray(from, from + length);
    if (maskedChecksum(data) !== wordAt(bytes, from + length))
      throw wrong(`the checksum of the data at ${from}`, 'another');
    yield data;
    at = from + length + CHECKSUM_BYTES;
  }
}

function decoded(record: Uint8Array, file: string): Event {
  try {
    return tensorboard.decode('Event', record) as Event;
  } catch (error) {
    throw damaged(file, 'a TensorBoard event file', 'records of events', messageOf(error));
  }
}

function scalarOf(tensor: {
  readonly dtype: number;
  readonly tensorContent: Uint8Array;
  readonly floatVal: readonly number[];
}) {
  if (tensor.dtype !== FLOAT) return undefined;
  if (tensor.floatVal.length === 1) return tensor.floatVal[0];
  const { buffer, byteOffset, length } = tensor.tensorContent;
  return length === 4 ? new DataView(buffer, byteOffset).getFloat32(0, true) : undefined;
}

/** CRC-32C, turned right by 15 bits, plus a constant, as records have it. */
function maskedChecksum(bytes: Uint8Array): number {
  const sum = crc32c.buf(bytes) >>> 0;
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, CHECKSUM_BYTES).getUint32(0, true);
}
