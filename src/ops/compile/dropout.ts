import type { Emit, Lanes, Later } from '../../engine/native/emit.ts';
import { dropoutThreshold } from '../../random.ts';
import { copyFields, floatsOf } from './lanes.ts';

/** Dropout of elements, or of whole channels: `draws` decisions an image. In evaluation the value as it is. */
export function compileDropout(emit: Emit, rate: number, draws: number): void {
  const [input] = emit.inputs;
  // Numbered whether it drops something or not: masks of others must not depend on its rate.
  const key = emit.training ? emit.dropoutKey() : 0;
  if (!emit.training || rate === 0) {
    emit.forward('copyChannels', { ...copyFields(input!, emit.output), adds: 0 });
    const inputGradient = emit.training ? emit.addableInputGradient(0) : undefined;
    if (inputGradient === undefined) return;
    const { adds } = inputGradient;
    emit.backward('copyChannels', { ...copyFields(emit.outputGradient(), inputGradient), adds });
    return;
  }
  const fields = (from: Lanes, to: Lanes, adds: Later | 0) => ({
    input: from.at,
    inputStride: from.stride,
    output: to.at,
    outputStride: to.stride,
    draws,
    repeats: floatsOf(from) / draws,
    key,
    threshold: dropoutThreshold(rate),
    keepScale: 1 / (1 - rate),
    adds,
  });
  emit.forward('dropout', fields(input!, emit.output, 0));
  const inputGradient = emit.addableInputGradient(0);
  if (inputGradient === undefined) return;
  emit.backward('dropout', fields(emit.outputGradient(), inputGradient, inputGradient.adds));
}
