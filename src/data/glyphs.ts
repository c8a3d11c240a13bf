import { cosine, sine } from '../sine.ts';

/** x to the right and y downwards; a digit fills 0 to 1 in both. */
type Point = readonly [x: number, y: number];
/** A line drawn without lifting the pen. */
export type Stroke = readonly Point[];
/** One way to write a digit. */
export type Glyph = readonly Stroke[];

/** Degrees of an arc between two points of its polyline. */
const ARC_STEP = 24;

/** The ways to write each digit, 0 to 9. */
export const GLYPHS: readonly (readonly Glyph[])[] = [
  [[arc([0.5, 0.5], [0.36, 0.5], -90, 270)], [arc([0.5, 0.5], [0.28, 0.5], -60, 310)]],
  [
    [line([0.5, 0], [0.5, 1])],
    [line([0.3, 0.22], [0.52, 0], [0.52, 1])],
    [line([0.3, 0.2], [0.52, 0], [0.52, 1]), line([0.26, 1], [0.78, 1])],
  ],
  [
    [[...arc([0.5, 0.28], [0.34, 0.28], -170, 40), ...line([0.12, 1], [0.9, 1])]],
    [[...arc([0.5, 0.28], [0.32, 0.28], -150, 50), ...arc([0.3, 0.88], [0.16, 0.12], -90, -450), [0.9, 1]]],
  ],
  [
    [[...arc([0.45, 0.25], [0.32, 0.25], -150, 90), ...arc([0.45, 0.75], [0.38, 0.25], -90, 150)]],
    [[...line([0.15, 0], [0.78, 0], [0.42, 0.42]), ...arc([0.42, 0.71], [0.4, 0.29], -90, 150)]],
  ],
  [
    [line([0.25, 0], [0.15, 0.55], [0.88, 0.55]), line([0.72, 0.08], [0.66, 1])],
    [line([0.68, 1], [0.68, 0], [0.1, 0.66], [0.92, 0.66])],
  ],
  [
    [[...line([0.82, 0], [0.3, 0], [0.25, 0.45]), ...arc([0.45, 0.7], [0.38, 0.3], -110, 145)]],
    [
      [...line([0.3, 0.05], [0.22, 0.45]), ...arc([0.42, 0.7], [0.38, 0.3], -110, 145)],
      line([0.3, 0.04], [0.85, 0]),
    ],
  ],
  [
    [[...arc([0.77, 0.7], [0.6, 0.7], -90, -180), ...arc([0.5, 0.7], [0.33, 0.3], 180, -180)]],
    [[...line([0.58, 0], [0.28, 0.42]), ...arc([0.48, 0.72], [0.28, 0.28], 190, -170)]],
  ],
  [
    [line([0.12, 0], [0.88, 0], [0.38, 1])],
    [line([0.12, 0.14], [0.16, 0], [0.85, 0], [0.55, 0.5], [0.45, 1])],
    [line([0.12, 0], [0.86, 0], [0.36, 1]), line([0.3, 0.5], [0.84, 0.5])],
  ],
  [
    [arc([0.5, 0.24], [0.27, 0.24], -90, 270), arc([0.5, 0.74], [0.34, 0.26], -90, 270)],
    [
      [
        ...arc([0.5, 0.25], [0.3, 0.25], -30, -250),
        ...arc([0.5, 0.75], [0.34, 0.25], -70, 220),
        [0.76, 0.12],
      ],
    ],
  ],
  [
    [arc([0.48, 0.28], [0.32, 0.28], 0, -360), line([0.8, 0.26], [0.74, 1])],
    [[...arc([0.5, 0.28], [0.32, 0.28], -20, -360), ...arc([0.2, 0.4], [0.62, 0.6], -10, 95)]],
  ],
];

function line(...points: readonly Point[]): Stroke {
  return points;
}

/** Part of an ellipse; 0 degrees is to the right, 90 below. */
function arc(centre: Point, radii: Point, from: number, to: number): Stroke {
  const steps = Math.ceil(Math.abs(to - from) / ARC_STEP);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = from + ((to - from) * i) / steps;
    return [centre[0] + radii[0] * cosine(angle), centre[1] + radii[1] * sine(angle)] as const;
  });
}
