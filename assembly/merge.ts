import { placeOf } from './kernel';
import { LANES } from './layout';

/** Adding values, and putting channels side by side: both are linear, so that their gradients are the same kernels read backwards. */

@unmanaged
export class AddPlaces {
  a: usize;
  aStride: i32;
  b: usize;
  bStride: i32;
  output: usize;
  outputStride: i32;
  /** Of one image. */
  floats: i32;
}

/** output = a + b; output may be either. */
export function add(d: AddPlaces, block: i32, live: i32, shard: i32, thread: i32): void {
  const a = placeOf(d.a, d.aStride, block);
  const b = placeOf(d.b, d.bStride, block);
  const output = placeOf(d.output, d.outputStride, block);
  for (let at: usize = 0, end = <usize>d.floats * LANES; at < end; at += LANES) {
    v128.store(output + at, f32x4.add(v128.load(a + at), v128.load(b + at)));
    v128.store(output + at, f32x4.add(v128.load(a + at, 16), v128.load(b + at, 16)), 16);
  }
}

@unmanaged
export class ChannelPlaces {
  from: usize;
  fromStride: i32;
  to: usize;
  toStride: i32;
  pixels: i32;
  /** How many channels each side has, which of them is the first to be taken or written, and how many are. */
  fromChannels: i32;
  fromFirst: i32;
  toChannels: i32;
  toFirst: i32;
  channels: i32;
  /** 1: adds to what is there. */
  adds: i32;
}

/** to[pixel][toFirst + c] = from[pixel][fromFirst + c]: a part of a concatenation, and of its gradient. */
export function copyChannels(d: ChannelPlaces, block: i32, live: i32, shard: i32, thread: i32): void {
  let from = placeOf(d.from, d.fromStride, block) + <usize>d.fromFirst * LANES;
  let to = placeOf(d.to, d.toStride, block) + <usize>d.toFirst * LANES;
  const bytes = <usize>d.channels * LANES;
  const fromStep = <usize>d.fromChannels * LANES;
  const toStep = <usize>d.toChannels * LANES;
  for (let p = d.pixels; p > 0; p--) {
    if (d.adds) {
      for (let at: usize = 0; at < bytes; at += 16) {
        v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
      }
    } else {
      memory.copy(to, from, bytes);
    }
    from += fromStep;
    to += toStep;
  }
}

@unmanaged
export class TurnPlaces {
  from: usize;
  fromStride: i32;
  to: usize;
  toStride: i32;
  rows: i32;
  columns: i32;
  /** 1: adds to what is there. */
  adds: i32;
}

/** to[column][row] = from[row][column]: a map [pixels][channels] as [channels][pixels], which is how PyTorch flattens, and back. */
export function turn(d: TurnPlaces, block: i32, live: i32, shard: i32, thread: i32): void {
  let from = placeOf(d.from, d.fromStride, block);
  const to = placeOf(d.to, d.toStride, block);
  for (let row = 0; row < d.rows; row++) {
    for (let column = 0; column < d.columns; column++, from += LANES) {
      const at = to + <usize>(column * d.rows + row) * LANES;
      let u = v128.load(from);
      let v = v128.load(from, 16);
      if (d.adds) {
        u = f32x4.add(u, v128.load(at));
        v = f32x4.add(v, v128.load(at, 16));
      }
      v128.store(at, u);
      v128.store(at, v, 16);
    }
  }
}
