/** SGD with momentum and weight decay over `count` (a multiple of 4) weights: v = momentum v + g + decay w; w = w - rate v. */
export function descend(
  weights: usize,
  gradients: usize,
  velocities: usize,
  count: i32,
  rate: f32,
  momentum: f32,
  decay: f32,
): void {
  const r = f32x4.splat(rate);
  const m = f32x4.splat(momentum);
  const d = f32x4.splat(decay);
  for (let at: usize = 0, end = <usize>count << 2; at < end; at += 16) {
    const w = v128.load(weights + at);
    const g = f32x4.add(v128.load(gradients + at), f32x4.mul(d, w));
    const v = f32x4.add(f32x4.mul(m, v128.load(velocities + at)), g);
    v128.store(velocities + at, v);
    v128.store(weights + at, f32x4.sub(w, f32x4.mul(r, v)));
  }
}

/** average = decay average + (1 - decay) value, over `count` (a multiple of 4) values. */
export function average(averages: usize, values: usize, count: i32, decay: f32): void {
  const d = f32x4.splat(decay);
  const e = f32x4.splat(1 - decay);
  for (let at: usize = 0, end = <usize>count << 2; at < end; at += 16) {
    const next = f32x4.add(f32x4.mul(d, v128.load(averages + at)), f32x4.mul(e, v128.load(values + at)));
    v128.store(averages + at, next);
  }
}

/** to[i] += from[i], `bytes` (a multiple of 16) of floats. */
export function addFloats(to: usize, from: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
  }
}

/** to[i] = from[i], `bytes` bytes. */
export function copy(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}

/** Sets `bytes` bytes to 0. */
export function clear(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes);
}
