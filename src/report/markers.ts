import { GateError } from '../errors.ts';

/**
 * A document with the block between the lines `<!-- part:begin -->` and `<!-- part:end -->` replaced; all else stays. Throws
 * GateError where one is missing.
 */
export function betweenMarkers(file: string, text: string, block: string, part = 'results'): string {
  const [first, last] = [`<!-- ${part}:begin -->`, `<!-- ${part}:end -->`];
  const begin = text.indexOf(first);
  const end = text.indexOf(last);
  if (begin === -1 || end < begin) {
    throw new GateError(
      `${file} needs the lines "${first}" and "${last}", in this order, around its ${part}.`,
    );
  }
  return `${text.slice(0, begin)}${first}\n\n${block}\n\n${text.slice(end)}`;
}
