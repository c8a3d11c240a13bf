/** Runs as lines: where on the scale of per cent a decision falls, and what of a curve lies there. */

/** One run of an iteration: per cent, one figure an epoch. */
export interface Run {
  readonly seed: number;
  readonly test: readonly number[];
  readonly train?: readonly number[];
}

export interface Point {
  readonly epoch: number;
  readonly accuracy: number;
}

/** Room under the lowest point that matters, as a share of what is shown. */
const MARGIN = 0.15;
/** The scale starts on a multiple of the first of these that is at most half of what is shown, in points. */
const STEPS = [20, 10, 5, 2, 1, 0.5, 0.2, 0.1] as const;

/**
 * The part of the scale, in per cent, that holds the line and the later half of every curve: for curves that end near
 * 99.5 it is 98.5 to 100.
 */
export function zoomOf(curves: readonly (readonly number[])[], line?: number): [low: number, high: number] {
  const late = curves.flatMap((curve) => curve.slice(Math.floor(curve.length / 2))).filter(Number.isFinite);
  const figures = line === undefined ? late : [...late, line];
  if (figures.length === 0) return [0, 100];
  const high = 100;
  const wanted = Math.min(...figures) - MARGIN * (high - Math.min(...figures));
  const step = STEPS.find((each) => each <= (high - wanted) / 2) ?? 0.1;
  return [Math.max(0, round(Math.floor(round(wanted / step)) * step)), high];
}

/** A curve over epochs 1, 2, ... as lines at or above `low`: cut where it comes from below, in one piece for each stay. */
export function above(curve: readonly number[], low: number): Point[][] {
  const pieces: Point[][] = [];
  let piece: Point[] = [];
  curve.forEach((accuracy, i) => {
    const before = curve[i - 1];
    if (before !== undefined && before < low !== accuracy < low) {
      piece.push({ epoch: i + (low - before) / (accuracy - before), accuracy: low });
    }
    if (accuracy >= low) piece.push({ epoch: i + 1, accuracy });
    else if (piece.length > 0) {
      pieces.push(piece);
      piece = [];
    }
  });
  return piece.length > 0 ? [...pieces, piece] : pieces;
}

/** The lowest and the highest of all runs, epoch by epoch, not under `low`; empty where there is only one. */
export function bandOf(
  runs: readonly Run[],
  low: number,
): { readonly epoch: number; readonly lowest: number; readonly highest: number }[] {
  if (runs.length < 2) return [];
  const epochs = Math.min(...runs.map(({ test }) => test.length));
  return Array.from({ length: epochs }, (_, i) => {
    const figures = runs.map(({ test }) => Math.max(low, test[i]!));
    return { epoch: i + 1, lowest: Math.min(...figures), highest: Math.max(...figures) };
  });
}

/** A few whole epochs, the first and the last among them. */
export function epochTicks(epochs: number, most = 15): number[] {
  const step = Math.max(1, Math.ceil(epochs / most));
  const ticks = Array.from({ length: Math.floor((epochs - 1) / step) + 1 }, (_, i) => 1 + i * step);
  return ticks.at(-1) === epochs ? ticks : [...ticks.slice(0, -1), epochs];
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
