/**
 * The colours of every drawing, as CSS variables: [on light paper, on dark paper]. Hues are from Okabe and Ito's set, which
 * the colour-blind tell apart (https://jfly.uni-koeln.de/color/); text has a contrast of at least 4.5, lines of 3.
 */
const COLOURS = {
  paper: ['#ffffff', '#0d1117'],
  /** Words and main lines. */
  ink: ['#1f2328', '#e6edf3'],
  /** Axes and notes. */
  quiet: ['#57606a', '#9aa4af'],
  /** Grids and frames. */
  faint: ['#d0d7de', '#3d444d'],
  /** Test accuracy, and what is met. */
  test: ['#0072b2', '#56b4e9'],
  train: ['#8c6d00', '#e3b341'],
  /** What is not met, and mistakes. */
  bad: ['#c44e00', '#f0883e'],
  /** The line that is to be reached. */
  target: ['#1a7f5a', '#3fbf94'],
} as const;

export type Colour = keyof typeof COLOURS;

/** The colour as a paint for SVG: the page's or the file's variable, on light paper where there is none. */
export function paint(colour: Colour): string {
  return `var(--draw-${colour}, ${COLOURS[colour][0]})`;
}

/** CSS that sets the variables on `selector`, for light and for dark. */
export function colourStyle(selector: string): string {
  const variables = (scheme: 0 | 1) =>
    Object.entries(COLOURS)
      .map(([name, pair]) => `--draw-${name}:${pair[scheme]}`)
      .join(';');
  return `${selector}{color-scheme:light dark;${variables(0)}}@media screen and (prefers-color-scheme:dark){${selector}{${variables(1)}}}`;
}
