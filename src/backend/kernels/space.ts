import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elements } from './compose.ts';

/** How the rows (or columns) of a tensor are laid out anew; negative padding crops. */
export interface Spacing {
  readonly before: number;
  readonly after: number;
  /** Distance of two neighbours afterwards; 1: no zeros between. */
  readonly step: number;
}

/** Rows or columns after `spacing`. */
export function spacedSize(size: number, { before, after, step }: Spacing): number {
  return before + (size - 1) * step + 1 + after;
}

/** A copy of [batch, height, width, channels] with zeros put around and between its pixels, or pixels cut off. */
export function respace(backend: BackendWasm, x: TensorInfo, rows: Spacing, columns: Spacing): TensorInfo {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const outHeight = spacedSize(height, rows);
  const outWidth = spacedSize(width, columns);
  const out = backend.makeOutput([batch, outHeight, outWidth, channels], 'float32');
  const from = elements(backend, x);
  const to = elements(backend, out).fill(0);
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      const outY = rows.before + y * rows.step;
      if (outY < 0 || outY >= outHeight) continue;
      for (let column = 0; column < width; column++) {
        const outX = columns.before + column * columns.step;
        if (outX < 0 || outX >= outWidth) continue;
        const source = ((b * height + y) * width + column) * channels;
        const target = ((b * outHeight + outY) * outWidth + outX) * channels;
        for (let c = 0; c < channels; c++) to[target + c] = from[source + c]!;
      }
    }
  }
  return out;
}
