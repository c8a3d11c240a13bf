import { namesOf } from './network.ts';
import type { ReadOnnx } from './read.ts';

/**
 * The layers into which an exporter has folded a batch norm, as far as their names tell: PyTorch's older exporter renames what
 * it folds to "onnx::Conv_70", the newer one calls the new bias "conv.weight_bias" and the output "getitem" (the batch norm's),
 * tf2onnx says "fused_bn".
 */
export function foldedLayers({ drafts }: ReadOnnx): readonly string[] {
  const names = namesOf(drafts);
  return drafts.flatMap((draft, i) => {
    const [weight, bias] = draft.held.map(({ name }) => name);
    const isKernel = draft.node.operator === 'Conv' || draft.node.operator === 'Gemm';
    if (!isKernel || weight === undefined) return [];
    const tells =
      (bias !== undefined && weight.startsWith('onnx::') && bias.startsWith('onnx::')) ||
      bias === `${weight}_bias` ||
      /fused_bn/i.test(`${weight} ${bias}`) ||
      /^getitem(_\d+)?$/.test(draft.node.outputs[0] ?? '');
    return tells ? [names[i]!] : [];
  });
}
