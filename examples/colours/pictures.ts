import { type Dataset, makeDataset } from 'codecodecode';

/** Height and width of a picture, in pixels; it has a red, a green and a blue channel. */
export const SIDE = 32;
export const PATTERNS = ['disc', 'frame', 'stripes', 'checks'] as const;

/** Pictures of four patterns in two colours of any kind, at random places and sizes, under noise; the same for the same seed. */
export function drawPictures(train: number, test: number): Dataset {
  return makeDataset({
    name: 'made-up pictures',
    classes: PATTERNS.length,
    train: draw(1, train),
    test: draw(2, test),
  });
}

function draw(seed: number, count: number): Dataset['train'] {
  const random = randomFrom(seed);
  const pixels = new Uint8Array(count * SIDE * SIDE * 3);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const label = Math.floor(random() * PATTERNS.length);
    const colours = twoColours(random);
    const size = 5 + 4 * random();
    const [x, y] = [10 + 12 * random(), 10 + 12 * random()];
    labels[i] = label;
    for (let at = 0; at < SIDE * SIDE; at++) {
      const isInk = isInside(PATTERNS[label]!, (at % SIDE) - x, Math.floor(at / SIDE) - y, size);
      for (let channel = 0; channel < 3; channel++) {
        const value = colours[isInk ? 1 : 0]![channel]! + 40 * (random() - 0.5);
        pixels[(i * SIDE * SIDE + at) * 3 + channel] = Math.max(0, Math.min(255, value));
      }
    }
  }
  return { count, height: SIDE, width: SIDE, channels: 3, pixels, labels };
}

/** Background and ink, which differ by 90 or more in one channel. */
function twoColours(random: () => number): readonly (readonly number[])[] {
  const ground = [0, 1, 2].map(() => 255 * random());
  const ink = ground.map((value) => (value + 90 + 75 * random()) % 255);
  return [ground, ink];
}

function isInside(pattern: (typeof PATTERNS)[number], dx: number, dy: number, size: number): boolean {
  const far = Math.max(Math.abs(dx), Math.abs(dy));
  if (pattern === 'disc') return Math.hypot(dx, dy) <= size;
  if (pattern === 'frame') return far <= size && far > size - 3;
  const band = (along: number) => Math.floor((along + 64) / 3) % 2 === 0;
  if (pattern === 'stripes') return far <= size && band(dy);
  return far <= size && band(dx) !== band(dy);
}

/** A linear congruential generator: numbers of 0 to 1 that depend on the seed alone. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
