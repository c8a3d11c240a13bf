/**
 * Own sine and cosine, of an angle in degrees: how Math.sin rounds is left to each JavaScript engine, while sums and
 * products are not. Equal seeds must give equal bits whatever the version of Node.js. The error is below 1e-13.
 */
const RADIANS_PER_DEGREE = Math.PI / 180;
/** Terms of the Taylor series, enough for half a turn: the first one left out is pi^27 / 27!, 2e-15. */
const TERMS = 13;

export function sine(degrees: number): number {
  const wrapped = degrees - 360 * Math.round(degrees / 360);
  const angle = wrapped * RADIANS_PER_DEGREE;
  const square = angle * angle;
  let sum = 1;
  for (let term = TERMS - 1; term > 0; term--) sum = 1 - (square / (2 * term * (2 * term + 1))) * sum;
  return angle * sum;
}

export function cosine(degrees: number): number {
  return sine(degrees + 90);
}
