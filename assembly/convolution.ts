import { dot } from './dot';
import { LANES, sizeOfTile, Tile1, Tile2, Tile3, Tile4, tileOf } from './layout';
import { accumulateOuter } from './outer';

/**
 * Convolution as it is written down: stride 1, any square kernel and padding. Weights are [kernel][kernel][in][out],
 * as TensorFlow has them. 3x3 kernels over more than a few channels go through `winograd.ts`, which is faster.
 */

/** out[y][x][o] = sum over ky, kx, i of in[y + ky - padding][x + kx - padding][i] w[ky][kx][i][o]. */
export function convolve(
  input: usize,
  height: i32,
  width: i32,
  channels: i32,
  weights: usize,
  kernel: i32,
  padding: i32,
  output: usize,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
): void {
  for (let y = 0; y < outHeight; y++) {
    const kyFrom = max(0, padding - y);
    const rows = min(kernel, height + padding - y) - kyFrom;
    const from = input + <usize>((y + kyFrom - padding) * width * channels) * LANES;
    for (let out = 0; out < outChannels; ) {
      const tile = tileOf(outChannels - out);
      const w = weights + (<usize>(kyFrom * kernel * channels * outChannels + out) << 2);
      const to = output + <usize>(y * outWidth * outChannels + out) * LANES;
      if (tile == 4) row<Tile4>(from, width, channels, w, kernel, padding, rows, to, outWidth, outChannels);
      else if (tile == 3) row<Tile3>(from, width, channels, w, kernel, padding, rows, to, outWidth, outChannels);
      else if (tile == 2) row<Tile2>(from, width, channels, w, kernel, padding, rows, to, outWidth, outChannels);
      else row<Tile1>(from, width, channels, w, kernel, padding, rows, to, outWidth, outChannels);
      out += tile;
    }
  }
}

/** A tile of output channels of a row of the output, of which `rows` rows of the kernel see the image. */
function row<Tile>(
  input: usize,
  width: i32,
  channels: i32,
  weights: usize,
  kernel: i32,
  padding: i32,
  rows: i32,
  output: usize,
  outWidth: i32,
  outChannels: i32,
): void {
  const inRow = <usize>(width * channels) * LANES;
  const wRow = <usize>(kernel * channels * outChannels) << 2;
  const wStep = <usize>outChannels << 2;
  for (let x = 0; x < outWidth; x++) {
    const kxFrom = max(0, padding - x);
    const run = (min(kernel, width + padding - x) - kxFrom) * channels;
    const from = input + <usize>((x + kxFrom - padding) * channels) * LANES;
    const w = weights + (<usize>(kxFrom * channels * outChannels) << 2);
    dot(sizeOfTile<Tile>(), from, w, output + <usize>(x * outChannels) * LANES, rows, run, inRow, wRow, wStep);
  }
}

/** turned[k - 1 - ky][k - 1 - kx][o][i] = w[ky][kx][i][o]: with it, `convolve` of dy and padding k - 1 - padding is the input gradient. */
export function turnWeights(weights: usize, kernel: i32, channels: i32, outChannels: i32, turned: usize): void {
  const taps = kernel * kernel;
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < channels; i++) {
      for (let o = 0; o < outChannels; o++) {
        const value = load<f32>(weights + (<usize>((tap * channels + i) * outChannels + o) << 2));
        store<f32>(turned + (<usize>(((taps - 1 - tap) * outChannels + o) * channels + i) << 2), value);
      }
    }
  }
}

/** sums[ky][kx][i][o] += sum over y, x and the images of in[y + ky - padding][x + kx - padding][i] dy[y][x][o]. */
export function filterGradient(
  input: usize,
  height: i32,
  width: i32,
  channels: i32,
  gradient: usize,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  kernel: i32,
  padding: i32,
  sums: usize,
): void {
  const inStep = <usize>channels * LANES;
  const outStep = <usize>outChannels * LANES;
  // Pixels of a row of the output that see a whole row of the kernel: its taps and channels lie side by side.
  const wholeFrom = min(padding, outWidth);
  const wholeTo = max(wholeFrom, min(outWidth, width + padding - kernel + 1));
  for (let y = 0; y < outHeight; y++) {
    for (let ky = max(0, padding - y); ky < min(kernel, height + padding - y); ky++) {
      for (let x = 0; x < outWidth; ) {
        const isWhole = x >= wholeFrom && x < wholeTo;
        const count = isWhole ? wholeTo - x : 1;
        const kx = max(0, padding - x);
        const run = min(kernel, width + padding - x) - kx;
        const a = input + <usize>((y + ky - padding) * width + x + kx - padding) * inStep;
        const b = gradient + <usize>(y * outWidth + x) * outStep;
        const at = sums + (<usize>((ky * kernel + kx) * channels * outChannels) << 2);
        if (run > 0) accumulateOuter(b, outStep, outChannels, a, inStep, run * channels, count, at);
        x += count;
      }
    }
  }
}
