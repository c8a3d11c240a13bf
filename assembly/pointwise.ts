import { liveLanes } from './batch-norm';
import { placeOf } from './kernel';
import { LANES } from './layout';
import { erf4, exp4, sigmoid4, softplus4, tanh4 } from './math';

/** Functions of each value by itself, and their gradients; `src/ops/pointwise.ts` has the same numbers. */
const RELU = 0;
const LEAKY_RELU = 1;
const LINEAR = 2;
const SIGMOID = 3;
const HARD_SIGMOID = 4;
const TANH = 5;
const ELU = 6;
const SELU = 7;
const SOFTPLUS = 8;
const SOFTSIGN = 9;
const SWISH = 10;
const MISH = 11;
const GELU = 12;
const HARD_SWISH = 13;
const HARD_TANH = 14;
const LOG_SIGMOID = 15;

const SELU_SCALE: f32 = 1.05070098;
const SELU_ALPHA: f32 = 1.67326324;
const ROOT_HALF: f32 = 0.70710678;
/** 1 / sqrt(2 pi) */
const NORMAL_TOP: f32 = 0.39894228;

@unmanaged
export class Pointwise {
  input: usize;
  inputStride: i32;
  output: usize;
  outputStride: i32;
  /** Of one image. */
  floats: i32;
  /** Which function. */
  code: i32;
  /** ReLU: where it is cut off (infinity: nowhere); leaky ReLU: the slope below 0. */
  parameter: f32;
}

@unmanaged
export class PointwiseGradient extends Pointwise {
  gradient: usize;
  gradientStride: i32;
  inputGradient: usize;
  inputGradientStride: i32;
  /** 1: adds to what is there. */
  adds: i32;
}

/** output = f(input). */
export function pointwise(d: Pointwise, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const output = placeOf(d.output, d.outputStride, block);
  // The functions of most networks have loops of their own: to choose at each value took longer than to compute it.
  if (d.code == RELU) values(RELU, d, input, output, live);
  else if (d.code == LEAKY_RELU) values(LEAKY_RELU, d, input, output, live);
  else values(d.code, d, input, output, live);
}

// @ts-ignore: decorator
@inline
function values(code: i32, d: Pointwise, input: usize, output: usize, live: i32): void {
  const parameter = d.parameter;
  const first = liveLanes(live);
  const second = liveLanes(live - 4);
  for (let at: usize = 0, end = <usize>d.floats * LANES; at < end; at += LANES) {
    v128.store(output + at, v128.and(valueOf(code, v128.load(input + at), parameter), first));
    v128.store(output + at, v128.and(valueOf(code, v128.load(input + at, 16), parameter), second), 16);
  }
}

/** inputGradient = f'(input) gradient. */
export function pointwiseGradient(d: PointwiseGradient, block: i32, live: i32, shard: i32, thread: i32): void {
  const input = placeOf(d.input, d.inputStride, block);
  const gradient = placeOf(d.gradient, d.gradientStride, block);
  const to = placeOf(d.inputGradient, d.inputGradientStride, block);
  if (d.code == RELU) gradients(RELU, d, input, gradient, to);
  else if (d.code == LEAKY_RELU) gradients(LEAKY_RELU, d, input, gradient, to);
  else gradients(d.code, d, input, gradient, to);
}

// @ts-ignore: decorator
@inline
function gradients(code: i32, d: PointwiseGradient, input: usize, gradient: usize, to: usize): void {
  const parameter = d.parameter;
  const adds = d.adds != 0;
  for (let at: usize = 0, end = <usize>d.floats * LANES; at < end; at += LANES) {
    let g = f32x4.mul(v128.load(gradient + at), slopeOf(code, v128.load(input + at), parameter));
    let h = f32x4.mul(v128.load(gradient + at, 16), slopeOf(code, v128.load(input + at, 16), parameter));
    if (adds) {
      g = f32x4.add(g, v128.load(to + at));
      h = f32x4.add(h, v128.load(to + at, 16));
    }
    v128.store(to + at, g);
    v128.store(to + at, h, 16);
  }
}

// @ts-ignore: decorator
@inline
function splat(value: f32): v128 {
  return f32x4.splat(value);
}

// @ts-ignore: decorator
@inline
function clamp(x: v128, low: f32, high: f32): v128 {
  return f32x4.min(f32x4.max(x, splat(low)), splat(high));
}

/** `below` where x < 0, else `above`. */
// @ts-ignore: decorator
@inline
function bySign(x: v128, below: v128, above: v128): v128 {
  return v128.bitselect(below, above, f32x4.lt(x, splat(0)));
}

// @ts-ignore: decorator
@inline
function valueOf(code: i32, x: v128, parameter: f32): v128 {
  if (code == RELU) return clamp(x, 0, parameter);
  if (code == LEAKY_RELU) return bySign(x, f32x4.mul(x, splat(parameter)), x);
  return otherValueOf(code, x);
}

function otherValueOf(code: i32, x: v128): v128 {
  switch (code) {
    case SIGMOID:
      return sigmoid4(x);
    case HARD_SIGMOID:
      return clamp(f32x4.add(f32x4.mul(x, splat(0.2)), splat(0.5)), 0, 1);
    case TANH:
      return tanh4(x);
    case ELU:
      return bySign(x, f32x4.sub(exp4(x), splat(1)), x);
    case SELU:
      return f32x4.mul(splat(SELU_SCALE), bySign(x, f32x4.mul(splat(SELU_ALPHA), f32x4.sub(exp4(x), splat(1))), x));
    case SOFTPLUS:
      return softplus4(x);
    case SOFTSIGN:
      return f32x4.div(x, f32x4.add(splat(1), f32x4.abs(x)));
    case SWISH:
      return f32x4.mul(x, sigmoid4(x));
    case MISH:
      return f32x4.mul(x, tanh4(softplus4(x)));
    case GELU:
      return f32x4.mul(f32x4.mul(splat(0.5), x), f32x4.add(splat(1), erf4(f32x4.mul(x, splat(ROOT_HALF)))));
    case HARD_SWISH:
      return f32x4.mul(x, f32x4.div(clamp(f32x4.add(x, splat(3)), 0, 6), splat(6)));
    case HARD_TANH:
      return clamp(x, -1, 1);
    case LOG_SIGMOID:
      return f32x4.neg(softplus4(f32x4.neg(x)));
    default:
      return x;
  }
}

/** 1 where `mask` is set, else 0. */
// @ts-ignore: decorator
@inline
function ones(mask: v128): v128 {
  return v128.and(splat(1), mask);
}

// @ts-ignore: decorator
@inline
function slopeOf(code: i32, x: v128, parameter: f32): v128 {
  if (code == RELU) return ones(v128.and(f32x4.gt(x, splat(0)), f32x4.le(x, splat(parameter))));
  if (code == LEAKY_RELU) return v128.bitselect(splat(1), splat(parameter), f32x4.gt(x, splat(0)));
  return otherSlopeOf(code, x);
}

function otherSlopeOf(code: i32, x: v128): v128 {
  switch (code) {
    case SIGMOID: {
      const s = sigmoid4(x);
      return f32x4.mul(s, f32x4.sub(splat(1), s));
    }
    case HARD_SIGMOID:
      return v128.and(splat(0.2), v128.and(f32x4.ge(x, splat(-2.5)), f32x4.le(x, splat(2.5))));
    case TANH: {
      const t = tanh4(x);
      return f32x4.sub(splat(1), f32x4.mul(t, t));
    }
    case ELU:
      return bySign(x, exp4(x), splat(1));
    case SELU:
      return f32x4.mul(splat(SELU_SCALE), bySign(x, f32x4.mul(splat(SELU_ALPHA), exp4(x)), splat(1)));
    case SOFTPLUS:
      return sigmoid4(x);
    case SOFTSIGN: {
      const s = f32x4.add(splat(1), f32x4.abs(x));
      return f32x4.div(splat(1), f32x4.mul(s, s));
    }
    case SWISH: {
      const s = sigmoid4(x);
      return f32x4.mul(s, f32x4.add(splat(1), f32x4.mul(x, f32x4.sub(splat(1), s))));
    }
    case MISH: {
      const t = tanh4(softplus4(x));
      return f32x4.add(t, f32x4.mul(f32x4.mul(x, sigmoid4(x)), f32x4.sub(splat(1), f32x4.mul(t, t))));
    }
    case GELU: {
      const share = f32x4.mul(splat(0.5), f32x4.add(splat(1), erf4(f32x4.mul(x, splat(ROOT_HALF)))));
      const density = f32x4.mul(splat(NORMAL_TOP), exp4(f32x4.mul(splat(-0.5), f32x4.mul(x, x))));
      return f32x4.add(share, f32x4.mul(x, density));
    }
    case HARD_SWISH: {
      const inside = v128.and(f32x4.ge(x, splat(-3)), f32x4.le(x, splat(3)));
      const slope = f32x4.div(f32x4.add(f32x4.mul(splat(2), x), splat(3)), splat(6));
      return v128.bitselect(slope, ones(f32x4.gt(x, splat(3))), inside);
    }
    case HARD_TANH:
      return ones(v128.and(f32x4.ge(x, splat(-1)), f32x4.le(x, splat(1))));
    case LOG_SIGMOID:
      return sigmoid4(f32x4.neg(x));
    default:
      return splat(1);
  }
}
