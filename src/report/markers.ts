import { GateError } from '../errors.ts';

const BEGIN = '<!-- results:begin -->';
const END = '<!-- results:end -->';

/** A document with the block between its markers replaced; all else stays. Throws GateError where a marker is missing. */
export function betweenMarkers(file: string, text: string, block: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) {
    throw new GateError(
      `${file} needs the lines "${BEGIN}" and "${END}", in this order, around its results.`,
    );
  }
  return `${text.slice(0, begin)}${BEGIN}\n\n${block}\n\n${text.slice(end)}`;
}
