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
  /** f32 [factors], as many as channels or a multiple of it: value i of an image has factor i modulo `factors`; 0: none. */
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
      findStatistics(d, input + <usize>first * LANES, own, statistics);
      normalizeGroup(d, input, output, first, own, statistics, live);
      statistics += 2 * LANES;
    }
  }
}

/** Leaves mean and 1 / sqrt(variance + epsilon) of a group of each image. */
function findStatistics(d: GroupNorm, from: usize, own: i32, statistics: usize): void {
  const zero = f32x4.splat(0);
  const step = <usize>d.channels * LANES;
  const last = from + <usize>d.positions * step;
  const run = <usize>own * LANES;
  const count = f32x4.splat(<f32>(d.positions * own));
  // Sums of sums of a position: an image's values one after the other would lose digits.
  let sum = zero, otherSum = zero;
  for (let at = from; at < last; at += step) {
    let part = zero, otherPart = zero;
    for (let q = at, end = q + run; q < end; q += LANES) {
      part = f32x4.add(part, v128.load(q));
      otherPart = f32x4.add(otherPart, v128.load(q, 16));
    }
    sum = f32x4.add(sum, part);
    otherSum = f32x4.add(otherSum, otherPart);
  }
  const mean = f32x4.div(sum, count);
  const otherMean = f32x4.div(otherSum, count);
  let squares = zero, otherSquares = zero;
  for (let at = from; at < last; at += step) {
    let part = zero, otherPart = zero;
    for (let q = at, end = q + run; q < end; q += LANES) {
      const x = f32x4.sub(v128.load(q), mean);
      const y = f32x4.sub(v128.load(q, 16), otherMean);
      part = f32x4.add(part, f32x4.mul(x, x));
      otherPart = f32x4.add(otherPart, f32x4.mul(y, y));
    }
    squares = f32x4.add(squares, part);
    otherSquares = f32x4.add(otherSquares, otherPart);
  }
  v128.store(statistics, mean);
  v128.store(statistics, otherMean, 16);
  v128.store(statistics, inverseOf(squares, count, d.epsilon), 32);
  v128.store(statistics, inverseOf(otherSquares, count, d.epsilon), 48);
}

// @ts-ignore: decorator
@inline
function inverseOf(squares: v128, count: v128, epsilon: f32): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(f32x4.div(squares, count), f32x4.splat(epsilon))));
}

/** Place among gamma and beta of value `index`; those of the next values of the same position are the next. */
// @ts-ignore: decorator
@inline
function factorAt(d: GroupNorm, index: i32): usize {
  return d.gamma ? <usize>(index % d.factors) << 2 : 0;
}

function normalizeGroup(
  d: GroupNormForward,
  input: usize,
  output: usize,
  first: i32,
  own: i32,
  statistics: usize,
  live: i32,
): void {
  const mean = v128.load(statistics);
  const otherMean = v128.load(statistics, 16);
  const inverse = v128.load(statistics, 32);
  const otherInverse = v128.load(statistics, 48);
  const mask = liveLanes(live);
  const otherMask = liveLanes(live - 4);
  const gamma = d.gamma;
  const beta = d.beta;
  for (let p = 0; p < d.positions; p++) {
    const index = first + p * d.channels;
    let o = factorAt(d, index);
    for (let at = <usize>index * LANES, end = at + <usize>own * LANES; at < end; at += LANES, o += 4) {
      let x = f32x4.mul(f32x4.sub(v128.load(input + at), mean), inverse);
      let y = f32x4.mul(f32x4.sub(v128.load(input + at, 16), otherMean), otherInverse);
      if (gamma) {
        const factor = v128.load32_splat(gamma + o);
        const summand = v128.load32_splat(beta + o);
        x = f32x4.add(f32x4.mul(x, factor), summand);
        y = f32x4.add(f32x4.mul(y, factor), summand);
      }
      v128.store(output + at, v128.and(x, mask));
      v128.store(output + at, v128.and(y, otherMask), 16);
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
      if (to) groupGradient(d, input, gradient, to, first, own, statistics);
      statistics += 2 * LANES;
    }
  }
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
  const otherMean = v128.load(statistics, 16);
  const gamma = d.gamma;
  const run = <usize>own * LANES;
  let sum = zero, otherSum = zero, products = zero, otherProducts = zero;
  for (let p = 0; p < d.positions; p++) {
    let s = zero, t = zero, u = zero, v = zero;
    const index = first + p * d.channels;
    let o = factorAt(d, index);
    for (let at = <usize>index * LANES, end = at + run; at < end; at += LANES, o += 4) {
      let g = v128.load(gradient + at);
      let h = v128.load(gradient + at, 16);
      if (gamma) {
        const factor = v128.load32_splat(gamma + o);
        g = f32x4.mul(g, factor);
        h = f32x4.mul(h, factor);
      }
      s = f32x4.add(s, g);
      u = f32x4.add(u, h);
      t = f32x4.add(t, f32x4.mul(g, f32x4.sub(v128.load(input + at), mean)));
      v = f32x4.add(v, f32x4.mul(h, f32x4.sub(v128.load(input + at, 16), otherMean)));
    }
    sum = f32x4.add(sum, s);
    otherSum = f32x4.add(otherSum, u);
    products = f32x4.add(products, t);
    otherProducts = f32x4.add(otherProducts, v);
  }
  const inverse = v128.load(statistics, 32);
  const otherInverse = v128.load(statistics, 48);
  const count = f32x4.splat(<f32>(d.positions * own));
  const average = f32x4.div(sum, count);
  const otherAverage = f32x4.div(otherSum, count);
  const along = f32x4.div(f32x4.mul(f32x4.mul(products, inverse), inverse), count);
  const otherAlong = f32x4.div(f32x4.mul(f32x4.mul(otherProducts, otherInverse), otherInverse), count);
  for (let p = 0; p < d.positions; p++) {
    const index = first + p * d.channels;
    let o = factorAt(d, index);
    for (let at = <usize>index * LANES, end = at + run; at < end; at += LANES, o += 4) {
      let g = v128.load(gradient + at);
      let h = v128.load(gradient + at, 16);
      if (gamma) {
        const factor = v128.load32_splat(gamma + o);
        g = f32x4.mul(g, factor);
        h = f32x4.mul(h, factor);
      }
      const x = f32x4.sub(v128.load(input + at), mean);
      const y = f32x4.sub(v128.load(input + at, 16), otherMean);
      g = f32x4.sub(f32x4.sub(g, average), f32x4.mul(x, along));
      h = f32x4.sub(f32x4.sub(h, otherAverage), f32x4.mul(y, otherAlong));
      v128.store(to + at, f32x4.mul(g, inverse));
      v128.store(to + at, f32x4.mul(h, otherInverse), 16);
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
