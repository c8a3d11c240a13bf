/** Multiply-adds on twelve independent registers, enough to hide their latency: what this processor can do at the most. */
export function multiplyAdds(times: i32, factor: f32): f32 {
  const k = f32x4.splat(factor);
  let a = k, b = k, c = k, d = k, e = k, f = k, g = k, h = k, i = k, j = k, l = k, m = k;
  for (; times > 0; times--) {
    a = f32x4.add(k, f32x4.mul(a, k));
    b = f32x4.add(k, f32x4.mul(b, k));
    c = f32x4.add(k, f32x4.mul(c, k));
    d = f32x4.add(k, f32x4.mul(d, k));
    e = f32x4.add(k, f32x4.mul(e, k));
    f = f32x4.add(k, f32x4.mul(f, k));
    g = f32x4.add(k, f32x4.mul(g, k));
    h = f32x4.add(k, f32x4.mul(h, k));
    i = f32x4.add(k, f32x4.mul(i, k));
    j = f32x4.add(k, f32x4.mul(j, k));
    l = f32x4.add(k, f32x4.mul(l, k));
    m = f32x4.add(k, f32x4.mul(m, k));
  }
  a = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  a = f32x4.add(a, f32x4.add(f32x4.add(i, j), f32x4.add(l, m)));
  return f32x4.extract_lane(a, 0);
}
