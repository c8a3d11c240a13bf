/**
 * Where the taps of a window lie. One description serves a convolution of any stride and dilation and its input gradient: the latter is the
 * same sum with the stride between inputs instead of outputs (`up`: the source is stretched, with zeros between), the taps turned around
 * and (kernel - 1) dilation - padding zeros before.
 */
@unmanaged
export class Window {
  /** Of the source: what is read. */
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  outChannels: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  /** Zeros before the first row and column; how many come after the last follows from the sizes. */
  paddingTop: i32;
  paddingLeft: i32;
}

/** What `findTaps` found: the first tap that sees the source, how many do, and which source position the first sees. */
export let firstTap: i32 = 0;
export let tapCount: i32 = 0;
export let firstSource: i32 = 0;

/** Taps from one that sees a stretched source to the next. */
export function tapStepOf(dilation: i32, up: i32): i32 {
  return up / greatestDivisor(dilation, up);
}

/** Source positions from what one such tap sees to what the next does. */
export function sourceStepOf(dilation: i32, up: i32): i32 {
  return dilation / greatestDivisor(dilation, up);
}

function greatestDivisor(a: i32, b: i32): i32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/** Which taps of output `position` see the source, along one axis: tap t sees (position stride - padding + t dilation) / up. */
export function findTaps(
  position: i32,
  stride: i32,
  padding: i32,
  dilation: i32,
  up: i32,
  kernel: i32,
  size: i32,
): void {
  const base = position * stride - padding;
  if (up == 1 && base >= 0 && base + (kernel - 1) * dilation < size) {
    firstTap = 0;
    tapCount = kernel;
    firstSource = base;
    return;
  }
  let tap = base < 0 ? (dilation - 1 - base) / dilation : 0;
  while (tap < kernel && (base + tap * dilation) % up != 0) tap++;
  const at = base + tap * dilation;
  firstTap = tap;
  if (tap >= kernel || at > (size - 1) * up) {
    tapCount = 0;
    return;
  }
  firstSource = at / up;
  const taps = (kernel - 1 - tap) / tapStepOf(dilation, up);
  const sources = (size - 1 - firstSource) / sourceStepOf(dilation, up);
  tapCount = min(taps, sources) + 1;
}

/** First output position whose tap `tap` sees a source of any size: position stride - padding + tap dilation >= 0. */
// @ts-ignore: decorator
@inline
export function firstSeeing(tap: i32, stride: i32, padding: i32, dilation: i32): i32 {
  const before = padding - tap * dilation;
  return before <= 0 ? 0 : (before + stride - 1) / stride;
}

/** One more than the last of `outputs` positions whose tap `tap` sees a source of `size`. */
// @ts-ignore: decorator
@inline
export function endSeeing(tap: i32, stride: i32, padding: i32, dilation: i32, size: i32, outputs: i32): i32 {
  const last = size - 1 + padding - tap * dilation;
  return last < 0 ? 0 : min(outputs, last / stride + 1);
}
