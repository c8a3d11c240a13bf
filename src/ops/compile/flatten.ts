import type { Emit, Field, Lanes } from '../../engine/native/emit.ts';
import { copyFields, mapOf } from './lanes.ts';

/** A map as a vector: as it lies, or channel by channel. */
export function compileFlatten(emit: Emit, order: 'channelsLast' | 'channelsFirst'): void {
  const [input] = emit.inputs;
  const { height, width, channels } = mapOf(input!);
  const inputGradient = emit.training ? emit.addableInputGradient(0) : undefined;
  if (order === 'channelsLast') {
    emit.forward('copyChannels', { ...copyFields(input!, emit.output), adds: 0 });
    if (!inputGradient) return;
    const { adds } = inputGradient;
    emit.backward('copyChannels', { ...copyFields(emit.outputGradient(), inputGradient), adds });
    return;
  }
  const turn = (from: Lanes, to: Lanes, rows: number, columns: number, adds: Field) => ({
    from: from.at,
    fromStride: from.stride,
    to: to.at,
    toStride: to.stride,
    rows,
    columns,
    adds,
  });
  emit.forward('turn', turn(input!, emit.output, height * width, channels, 0));
  if (!inputGradient) return;
  const back = turn(emit.outputGradient(), inputGradient, channels, height * width, inputGradient.adds);
  emit.backward('turn', back);
}
