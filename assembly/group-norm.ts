import { liveLanes } from './batch-norm';
import { addLanes } from './filter-gradient';
import { placeOf } from './kernel';
import { LANES } from './layout';

/**
 * Norms within an image: group, layer and instance norm. An image's values fall into `sets` runs of `positions` x `channels`, and the channels of a
 * run into `groups`; each group of a run has a mean and a variance of its own. Group norm: one set of all positions; layer norm over
 * channels: each position a set; over the image: one set of one group; instance norm: as many groups as channels.
 */

@unmanaged
export class GroupNorm {
  input: usize;
  inputStride: i32;
  sets: i32;
  positions: i32;
  channels: i32;
  groups: i32;
  /** f32 [sets][groups][mean, 1 / sqrt(variance + epsilon)][8] a block. */
  statistics: usize;
  statisticsStride: i32;
  epsilon: f32;
  /** f32 [factors]: value i of an image has factor i modulo `factors`; 0: none. */
  gamma: usize;
  beta: usize;
  factors: i32;
}

@unmanaged
export class GroupNormForward extends GroupNorm {
  output: usize;
  outputStride: i32;
}

@unmanaged
export class GroupNormGradient extends GroupNorm {
  gradient: usize;
  gradientStride: i32;
  /** 0: nobody needs it. */
  inputGradient: usize;
  inputGradientStride: i32;
  /** f32 [factors] a shard; 0 where there is no gamma. */
  gammaSums: usize;
  gammaSumsStride: i32;
  betaSums: usize;
  betaSumsStride: i32;
}

/** output = (input - mean) / sqrt(variance + epsilon) gamma + beta; leaves the statistics for the gradient. */
export function groupNorm(d: GroupNormForward, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const output = placeOf(d.output, d.outputStride, block);
  let statistics = placeOf(d.statistics, d.statisticsStride, block);
  const own = d.channels / d.groups;
  for (let set = 0; set < d.sets; set++) {
    for (let group = 0; group < d.groups; group++) {
      const first = set * d.positions * d.channels + group * own;
      for (let half: usize = 0; half < LANES; half += 16) {
        const mask = liveLanes(half ? live - 4 : live);
        normalizeGroup(d, input + half, output + half, first, own, statistics + half, mask);
      }
      statistics += 2 * LANES;
    }
  }
}

function normalizeGroup(
  d: GroupNormForward,
  input: usize,
  output: usize,
  first: i32,
  own: i32,
  statistics: usize,
  mask: v128,
): void {
  const zero = f32x4.splat(0);
  const step = <usize>d.channels * LANES;
  const count = f32x4.splat(<f32>(d.positions * own));
  const from = input + <usize>first * LANES;
  // Sums of sums of a position: an image's values one after the other would lose digits.
  let sum = zero;
  for (let p = 0, at = from; p < d.positions; p++, at += step) {
    let part = zero;
    for (let q = at, end = q + <usize>own * LANES; q < end; q += LANES) part = f32x4.add(part, v128.load(q));
    sum = f32x4.add(sum, part);
  }
  const mean = f32x4.div(sum, count);
  let squares = zero;
  for (let p = 0, at = from; p < d.positions; p++, at += step) {
    let part = zero;
    for (let q = at, end = q + <usize>own * LANES; q < end; q += LANES) {
      const x = f32x4.sub(v128.load(q), mean);
      part = f32x4.add(part, f32x4.mul(x, x));
    }
    squares = f32x4.add(squares, part);
  }
  const variance = f32x4.div(squares, count);
  const inverse = f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(d.epsilon))));
  v128.store(statistics, mean);
  v128.store(statistics, inverse, 32);
  for (let p = 0; p < d.positions; p++) {
    for (let c = 0; c < own; c++) {
      const index = first + p * d.channels + c;
      let value = f32x4.mul(f32x4.sub(v128.load(input + <usize>index * LANES), mean), inverse);
      if (d.gamma) {
        const o = <usize>(index % d.factors) << 2;
        value = f32x4.add(f32x4.mul(value, v128.load32_splat(d.gamma + o)), v128.load32_splat(d.beta + o));
      }
      v128.store(output + <usize>index * LANES, v128.and(value, mask));
    }
  }
}

/**
 * With xhat = (input - mean) inverse and g = gradient gamma: inputGradient = inverse (g - mean(g) - xhat mean(g xhat)); gammaSums += sum of
 * gradient xhat, betaSums += sum of gradient.
 */
export function groupNormGradient(d: GroupNormGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const gradient = placeOf(d.gradient, d.gradientStride, block);
  const to = d.inputGradient ? placeOf(d.inputGradient, d.inputGradientStride, block) : 0;
  let statistics = placeOf(d.statistics, d.statisticsStride, block);
  const own = d.channels / d.groups;
  for (let set = 0; set < d.sets; set++) {
    for (let group = 0; group < d.groups; group++) {
      const first = set * d.positions * d.channels + group * own;
      if (d.gammaSums) {
        const gammaSums = placeOf(d.gammaSums, d.gammaSumsStride, shard);
        const betaSums = placeOf(d.betaSums, d.betaSumsStride, shard);
        addFactors(d, input, gradient, first, own, statistics, gammaSums, betaSums);
      }
      if (to) {
        for (let half: usize = 0; half < LANES; half += 16) {
          groupGradient(d, input + half, gradient + half, to + half, first, own, statistics + half);
        }
      }
      statistics += 2 * LANES;
    }
  }
}

/** Gradient by the normalized value of number `index`. */
// @ts-ignore: decorator
@inline
function scaled(d: GroupNorm, gradient: usize, index: i32): v128 {
  const g = v128.load(gradient + <usize>index * LANES);
  return d.gamma ? f32x4.mul(g, v128.load32_splat(d.gamma + (<usize>(index % d.factors) << 2))) : g;
}

function groupGradient(
  d: GroupNormGradient,
  input: usize,
  gradient: usize,
  to: usize,
  first: i32,
  own: i32,
  statistics: usize,
): void {
  const zero = f32x4.splat(0);
  const mean = v128.load(statistics);
  const inverse = v128.load(statistics, 32);
  let sum = zero, products = zero;
  for (let p = 0; p < d.positions; p++) {
    let s = zero, t = zero;
    for (let c = 0; c < own; c++) {
      const index = first + p * d.channels + c;
      const g = scaled(d, gradient, index);
      s = f32x4.add(s, g);
      t = f32x4.add(t, f32x4.mul(g, f32x4.sub(v128.load(input + <usize>index * LANES), mean)));
    }
    sum = f32x4.add(sum, s);
    products = f32x4.add(products, t);
  }
  const count = f32x4.splat(<f32>(d.positions * own));
  const average = f32x4.div(sum, count);
  const along = f32x4.div(f32x4.mul(f32x4.mul(products, inverse), inverse), count);
  for (let p = 0; p < d.positions; p++) {
    for (let c = 0; c < own; c++) {
      const index = first + p * d.channels + c;
      const x = f32x4.sub(v128.load(input + <usize>index * LANES), mean);
      const g = f32x4.sub(f32x4.sub(scaled(d, gradient, index), average), f32x4.mul(x, along));
      v128.store(to + <usize>index * LANES, f32x4.mul(g, inverse));
    }
  }
}

function addFactors(
  d: GroupNormGradient,
  input: usize,
  gradient: usize,
  first: i32,
  own: i32,
  statistics: usize,
  gammaSums: usize,
  betaSums: usize,
): void {
  const zero = f32x4.splat(0);
  // As long as a factor is that of the same channel at the next position, its sum stays in a register.
  const isByChannel = d.factors == d.channels;
  const run = isByChannel ? d.positions : 1;
  for (let p = 0; p < d.positions; p += run) {
    for (let c = 0; c < own; c++) {
      const index = first + p * d.channels + c;
      let s = zero, t = zero;
      for (let half: usize = 0; half < LANES; half += 16) {
        const mean = v128.load(statistics + half);
        const inverse = v128.load(statistics + half, 32);
        let at = <usize>index * LANES + half;
        for (let r = 0; r < run; r++, at += <usize>d.channels * LANES) {
          const g = v128.load(gradient + at);
          s = f32x4.add(s, g);
          t = f32x4.add(t, f32x4.mul(g, f32x4.mul(f32x4.sub(v128.load(input + at), mean), inverse)));
        }
      }
      const o = <usize>(index % d.factors) << 2;
      addLanes(betaSums + o, s);
      addLanes(gammaSums + o, t);
    }
  }
}
