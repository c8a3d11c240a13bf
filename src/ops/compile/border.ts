import type { Emit, Field, Lanes } from '../../engine/native/emit.ts';
import type { PaddingMode, Sides } from '../op.ts';
import { mapOf } from './lanes.ts';

const MODES: Readonly<Record<PaddingMode, number>> = { zeros: 0, replicate: 1, reflect: 2 };

/** Puts a border around a map. */
export function compilePad(emit: Emit, input: Lanes, output: Lanes, sides: Sides, mode: PaddingMode): void {
  emit.forward('pad', borderFields(input, output, sides, mode, 0));
}

/** Gives each value of the gradient of a padded map to where it came from. */
export function compilePadGradient(
  emit: Emit,
  gradient: Lanes,
  inputGradient: Lanes & { readonly adds: Field },
  sides: Sides,
  mode: PaddingMode,
): void {
  emit.backward('padGradient', borderFields(inputGradient, gradient, sides, mode, inputGradient.adds));
}

/** The map is `input` and the padded one `output`, whichever is read. */
function borderFields(input: Lanes, output: Lanes, [rows, columns]: Sides, mode: PaddingMode, adds: Field) {
  const { height, width } = mapOf(output);
  return {
    ...mapOf(input),
    input: input.at,
    inputStride: input.stride,
    output: output.at,
    outputStride: output.stride,
    outHeight: height,
    outWidth: width,
    top: rows[0],
    left: columns[0],
    mode: MODES[mode],
    adds,
  };
}
