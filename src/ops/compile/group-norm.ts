import type { Emit } from '../../engine/native/emit.ts';

/** How an image's values fall into groups: see `assembly/group-norm.ts`. */
export interface NormGroups {
  readonly sets: number;
  readonly positions: number;
  readonly channels: number;
  readonly groups: number;
}

/** A norm within an image, with gamma and beta where `affine`. */
export function compileGroupNorm(
  emit: Emit,
  groups: NormGroups,
  { epsilon, affine }: { readonly epsilon: number; readonly affine: boolean },
): void {
  const [input] = emit.inputs;
  const { output } = emit;
  const [gamma, beta] = affine ? [emit.weight('gamma'), emit.weight('beta')] : [];
  const statistics = emit.block(groups.sets * groups.groups * 2);
  const fields = {
    ...groups,
    input: input!.at,
    inputStride: input!.stride,
    statistics: statistics.at,
    statisticsStride: statistics.stride,
    epsilon,
    gamma: gamma?.value ?? 0,
    beta: beta?.value ?? 0,
    factors: gamma?.floats ?? 0,
  };
  emit.forward('groupNorm', { ...fields, output: output.at, outputStride: output.stride });
  if (!emit.training) return;
  const inputGradient = emit.inputGradient(0);
  const [gammaSums, betaSums] =
    gamma?.gradient === undefined ? [] : [emit.gradientSums(gamma), emit.gradientSums(beta!)];
  if (inputGradient === undefined && gammaSums === undefined) return;
  const gradient = emit.outputGradient();
  emit.backward('groupNormGradient', {
    ...fields,
    gradient: gradient.at,
    gradientStride: gradient.stride,
    inputGradient: inputGradient?.at ?? 0,
    inputGradientStride: inputGradient?.stride ?? 0,
    gammaSums: gammaSums?.at ?? 0,
    gammaSumsStride: gammaSums?.stride ?? 0,
    betaSums: betaSums?.at ?? 0,
    betaSumsStride: betaSums?.stride ?? 0,
  });
}
