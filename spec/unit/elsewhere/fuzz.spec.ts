import { readFileSync } from 'node:fs';
import path from 'node:path';
import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { GateError } from '../../../src/errors.ts';
import { parseNpy } from '../../../src/formats/npy.ts';
import { unpackNpz } from '../../../src/formats/npz.ts';
import { parsePng } from '../../../src/formats/png.ts';
import { defineMessages } from '../../../src/formats/protobuf.ts';
import { parseSafetensors, safetensorsOf } from '../../../src/formats/safetensors.ts';
import { parseCurve } from '../../../src/logs/read.ts';
import { factsOfOnnx } from '../../../src/onnx/facts.ts';
import { parseOnnx } from '../../../src/onnx/file.ts';
import { networkOfOnnx } from '../../../src/onnx/network.ts';
import { readOnnx } from '../../../src/onnx/read.ts';
import { keyOf, uniform } from '../../../src/random.ts';
import { npyOf } from '../../support/npy.ts';
import { FIXTURES } from '../../support/onnx-exported.ts';

/** Broken files of each kind; FUZZ=2500 for 20,000 in all. */
const COUNT = Number(process.env['FUZZ'] ?? 60);
const MOST_UNPACKED = 2 ** 20;
/** A file that takes longer hangs. */
const SLOWEST_MS = 5_000;

const text = (value: string) => new TextEncoder().encode(value);
const events = defineMessages('tb', { Event: { step: [2, 'int64'], file: [3, 'string'] } });
const csv = 'epoch,train_acc,train_loss,test_acc,test_loss\n1,0.5,1,0.6,1\n2,0.9,0.5,0.95,0.2\n';
const tensors = new Map([['a.weight', { dims: [2, 2], values: Float32Array.of(1, 2, 3, 4) }]]);

const npy = npyOf([2, 2, 2], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
const npz = { 'x.npy': npy };
const grey = { width: 4, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };

const kinds: readonly (readonly [string, readonly Uint8Array[], (bytes: Uint8Array) => unknown])[] = [
  ['ONNX', ['branches.dynamo', 'groups.torchscript', 'borders.torchscript'].map(fixture), readWholly],
  ['CSV', [text(csv)], (bytes) => parseCurve(bytes, 'log.csv')],
  [
    'JSON',
    [
      text('{"log_history":[{"epoch":1,"loss":0.5,"eval_loss":0.3,"eval_accuracy":0.9}]}'),
      text(`[${JSON.stringify({ epoch: 1, train_acc: 0.5, train_loss: 1, test_acc: 0.6, test_loss: 1 })}]`),
    ],
    (bytes) => parseCurve(bytes, 'log.json'),
  ],
  ['event', [eventFile()], (bytes) => parseCurve(bytes, 'events.out.tfevents.1')],
  ['safetensors', [safetensorsOf(tensors)], (bytes) => parseSafetensors(bytes, 'net.safetensors')],
  ['npy', [npy], (bytes) => parseNpy(bytes, 'x.npy')],
  [
    'npz',
    [zipSync(npz, { level: 0 }), zipSync(npz)],
    (bytes) => parseNpy(unpackNpz(bytes, 'x.npz', ['x'], MOST_UNPACKED).get('x')!, 'x.npz'),
  ],
  ['PNG', [encode(grey)], (bytes) => parsePng(bytes, 'x.png')],
];

describe('a broken file is read, or refused by a message for a person, and soon', () => {
  it.each(kinds)('%s', { timeout: 600_000 }, (name, whole, parse) => {
    let refused = 0;
    for (let i = 0; i < COUNT; i++) {
      const bytes = broken(whole[i % whole.length]!, i);
      const start = performance.now();
      try {
        parse(bytes);
      } catch (error) {
        if (!(error instanceof GateError)) {
          throw new Error(`${name} ${i}: an error that is none of ours`, { cause: error });
        }
        refused++;
      }
      expect(performance.now() - start, `${name} ${i} takes too long`).toBeLessThan(SLOWEST_MS);
    }
    // Most changes break something: a parser that refuses nothing reads nothing.
    expect(refused).toBeGreaterThan(COUNT / 20);
  });
});

function fixture(name: string): Uint8Array {
  return readFileSync(path.join(FIXTURES, `${name}.onnx`));
}

function readWholly(bytes: Uint8Array): void {
  const read = readOnnx(parseOnnx(bytes, 'net.onnx'));
  factsOfOnnx(read);
  networkOfOnnx(read);
}

/** One record without its checksums right: what is broken is broken further. */
function eventFile(): Uint8Array {
  const event = events.encode('Event', { step: 1n, file: 'brain.Event:2' });
  const record = new Uint8Array(16 + event.length);
  new DataView(record.buffer).setBigUint64(0, BigInt(event.length), true);
  record.set(event, 12);
  return record;
}

/** Some bytes changed, cut out, doubled, or made of the numbers on which sizes trip. */
function broken(whole: Uint8Array, seed: number): Uint8Array {
  const key = keyOf(seed, 3, 3);
  let draws = 0;
  const draw = (below: number) => Math.floor(below * uniform(key, draws++));
  let bytes: Uint8Array = Uint8Array.from(whole);
  for (let change = 1 + draw(4); change > 0; change--) {
    const at = draw(bytes.length);
    const kind = draw(5);
    if (kind === 0) bytes = bytes.subarray(0, at);
    else if (kind === 1) bytes = joined(bytes.subarray(0, at), bytes.subarray(at + draw(64)));
    else if (kind === 2) bytes = joined(bytes.subarray(0, at), bytes.subarray(draw(at + 1)));
    else if (kind === 3)
      bytes = joined(bytes.subarray(0, at), Uint8Array.of(255, 255, 255, 255, 7), bytes.subarray(at));
    else if (at < bytes.length) bytes[at] = [0, 1, 127, 128, 255, draw(256)][draw(6)]!;
    bytes = Uint8Array.from(bytes);
  }
  return bytes;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
