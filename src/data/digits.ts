import { Stream, keyOf, uniform } from '../random.ts';
import type { Dataset, ImageSet } from './dataset.ts';
import { makeDataset } from './check-dataset.ts';
import { GLYPHS } from './glyphs.ts';
import type { Glyph, Stroke } from './glyphs.ts';

/** Height and width of an image, as in MNIST, in pixels. */
const SIDE = 28;
const CLASSES = GLYPHS.length;
/** Which set an image belongs to; part of the key of its random numbers. */
const Part = { train: 0, test: 1 } as const;
type Part = (typeof Part)[keyof typeof Part];

/** How many images of each set, and the seed that they depend on. */
export interface DigitsOptions {
  readonly seed: number;
  readonly train: number;
  readonly test: number;
}

/** How one image is drawn: the map from glyph to pixels (with a bend), and the pen. */
interface Hand {
  readonly width: number;
  readonly height: number;
  readonly slant: number;
  readonly turn: number;
  readonly bendX: number;
  readonly bendY: number;
  readonly centreX: number;
  readonly centreY: number;
  /** Half the thickness of a stroke, in pixels. */
  readonly radius: number;
  /** The whitest pixel, 0 to 255. */
  readonly ink: number;
}

/**
 * Digits drawn by a seeded hand in MNIST's shape, for tests without a download: strokes of varied form, size, slant,
 * bend, thickness, ink and position. An image depends on the seed, its set and its index alone, and only on sums,
 * products, quotients and roundings, so that its bytes are equal on every machine.
 */
export function madeUpDigits({ seed, train, test }: DigitsOptions): Dataset {
  const sets = { train: draw(seed, Part.train, train), test: draw(seed, Part.test, test) };
  return makeDataset({ name: 'made-up digits', classes: CLASSES, ...sets, source: 'generated' });
}

function draw(seed: number, part: Part, count: number): ImageSet {
  const pixels = new Uint8Array(count * SIDE * SIDE);
  const labels = new Uint8Array(count);
  const coverage = new Float64Array(SIDE * SIDE);
  for (let i = 0; i < count; i++) {
    const key = keyOf(seed, Stream.digits, part, i);
    const label = Math.floor(uniform(key, 0) * CLASSES);
    const glyphs = GLYPHS[label]!;
    const glyph = glyphs[Math.floor(uniform(key, 1) * glyphs.length)]!;
    const hand = handOf(key);
    labels[i] = label;
    coverage.fill(0);
    drawGlyph(coverage, glyph, hand, key);
    const first = i * SIDE * SIDE;
    for (let p = 0; p < coverage.length; p++) pixels[first + p] = Math.round(hand.ink * coverage[p]!);
  }
  return { count, height: SIDE, width: SIDE, pixels, labels };
}

function handOf(key: number): Hand {
  const between = (counter: number, low: number, high: number) => low + (high - low) * uniform(key, counter);
  const height = between(2, 15, 20);
  return {
    height,
    width: height * between(3, 0.6, 1),
    slant: between(4, -0.15, 0.45),
    turn: between(5, -0.2, 0.2),
    bendX: between(6, -0.35, 0.35),
    bendY: between(7, -0.35, 0.35),
    centreX: between(8, 12, 15),
    centreY: between(9, 12, 15),
    radius: between(10, 0.7, 1.9),
    ink: between(11, 200, 255),
  };
}

/** Random numbers `FIRST_WOBBLE`, ... of an image move the ends of its strokes. */
const FIRST_WOBBLE = 16;
/** How far a stroke's ends are moved at most, as a part of the digit's size. */
const WOBBLE = 0.07;

function drawGlyph(coverage: Float64Array, glyph: Glyph, hand: Hand, key: number): void {
  glyph.forEach((stroke, s) => {
    const wobble = (counter: number) => WOBBLE * (2 * uniform(key, FIRST_WOBBLE + 4 * s + counter) - 1);
    const from = [wobble(0), wobble(1)] as const;
    const to = [wobble(2), wobble(3)] as const;
    drawStroke(coverage, stroke, from, to, hand);
  });
}

/** Draws a polyline whose first point is moved by `from`, its last by `to`, those between by what lies between. */
function drawStroke(
  coverage: Float64Array,
  stroke: Stroke,
  from: readonly [number, number],
  to: readonly [number, number],
  hand: Hand,
): void {
  let lastX = 0;
  let lastY = 0;
  for (let i = 0; i < stroke.length; i++) {
    const along = i / (stroke.length - 1);
    const u = stroke[i]![0] - 0.5 + from[0] + along * (to[0] - from[0]);
    const v = stroke[i]![1] - 0.5 + from[1] + along * (to[1] - from[1]);
    const bentX = (u + hand.bendX * (v * v - 0.125)) * hand.width;
    const bentY = (v + hand.bendY * (u * u - 0.125)) * hand.height;
    const x = hand.centreX + bentX - (hand.slant + hand.turn) * bentY;
    const y = hand.centreY + bentY + hand.turn * bentX;
    if (i > 0) drawSegment(coverage, lastX, lastY, x, y, hand.radius);
    lastX = x;
    lastY = y;
  }
}

/**
 * Covers the pixels nearer than `radius` to the segment, with a soft edge a pixel wide. The edge is linear in the
 * squared distance, which spares a square root and its rounding.
 */
function drawSegment(
  coverage: Float64Array,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  radius: number,
): void {
  const outer = radius + 0.5;
  const inner = radius - 0.5;
  const outerSquare = outer * outer;
  const perSquare = 1 / (outerSquare - inner * inner);
  const alongX = toX - fromX;
  const alongY = toY - fromY;
  const lengthSquare = alongX * alongX + alongY * alongY;
  const perLength = lengthSquare > 0 ? 1 / lengthSquare : 0;
  const left = Math.max(0, Math.ceil(Math.min(fromX, toX) - outer));
  const right = Math.min(SIDE - 1, Math.floor(Math.max(fromX, toX) + outer));
  const top = Math.max(0, Math.ceil(Math.min(fromY, toY) - outer));
  const bottom = Math.min(SIDE - 1, Math.floor(Math.max(fromY, toY) + outer));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const part = Math.min(1, Math.max(0, ((x - fromX) * alongX + (y - fromY) * alongY) * perLength));
      const dx = x - fromX - part * alongX;
      const dy = y - fromY - part * alongY;
      const covered = Math.min(1, (outerSquare - dx * dx - dy * dy) * perSquare);
      const at = y * SIDE + x;
      if (covered > coverage[at]!) coverage[at] = covered;
    }
  }
}
