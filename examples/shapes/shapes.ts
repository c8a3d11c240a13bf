import * as tf from '@tensorflow/tfjs-core';
import type { LabelledData, LabelledTensor } from 'codecodecode';

/** Height and width of a picture, in pixels. */
export const SIDE = 12;
export const SHAPES = ['ring', 'square', 'cross'] as const;

/** Pictures of the three shapes, at random places and sizes, under noise; the same for the same seed. */
export function drawShapes(train: number, test: number): LabelledData {
  return { name: 'made-up shapes', train: draw(1, train), test: draw(2, test) };
}

function draw(seed: number, count: number): LabelledTensor {
  const random = randomFrom(seed);
  const pixels = new Float32Array(count * SIDE * SIDE);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const label = Math.floor(random() * SHAPES.length);
    const radius = 2.5 + 2 * random();
    const x = radius + random() * (SIDE - 1 - 2 * radius);
    const y = radius + random() * (SIDE - 1 - 2 * radius);
    labels[i] = label;
    for (let at = 0; at < SIDE * SIDE; at++) {
      const inside = isInside(SHAPES[label]!, (at % SIDE) - x, Math.floor(at / SIDE) - y, radius);
      pixels[i * SIDE * SIDE + at] = (inside ? 1 : 0) + 0.3 * (random() - 0.5);
    }
  }
  return { x: tf.tensor4d(pixels, [count, SIDE, SIDE, 1]), labels };
}

function isInside(shape: (typeof SHAPES)[number], dx: number, dy: number, radius: number): boolean {
  if (shape === 'ring') return Math.abs(Math.hypot(dx, dy) - radius) <= 0.7;
  if (shape === 'square') return Math.max(Math.abs(dx), Math.abs(dy)) <= 0.85 * radius;
  return Math.abs(dx) < 1 ? Math.abs(dy) <= radius : Math.abs(dy) < 1 && Math.abs(dx) <= radius;
}

/** A linear congruential generator: numbers of 0 to 1 that depend on the seed alone. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
