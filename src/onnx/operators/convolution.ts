import type { OnnxTensor } from '../tensor.ts';
import { kernelToOurs } from '../layout.ts';
import { floatsOf, heldOf, NO_MAP, NO_WEIGHTS, type Operator } from '../value.ts';
import { paddingSetting, short, windowOf } from './window.ts';

export const convolution: Operator = (use) => {
  const input = use.data(0);
  const [weight, summand] = [use.tensor(1), use.tensor(2)];
  const kernel = floatsOf(weight);
  const bias = isNone(summand) ? undefined : floatsOf(summand);
  if (input?.shape?.length !== 3 || input.layout !== 'first') return NO_MAP;
  if (
    weight === undefined ||
    kernel === undefined ||
    (use.input(2) !== undefined && floatsOf(summand) === undefined)
  ) {
    return NO_WEIGHTS;
  }
  if (weight.dims.length !== 4) return 'has a window that is not two-dimensional';
  const window = windowOf(use, weight.dims.slice(2), input.shape);
  if (typeof window === 'string') return window;
  const groups = use.number('group', 1);
  if (weight.dims[1]! * groups !== input.shape[2]) {
    return `has ${groups} groups of ${weight.dims[1]} channels, which are not the ${input.shape[2]} of its input`;
  }
  return use.emit({
    type: 'convolution',
    settings: {
      filters: weight.dims[0],
      kernel: short(window.kernel),
      padding: paddingSetting(window.padding),
      stride: short(window.stride),
      dilation: short(window.dilation),
      groups,
      bias: bias !== undefined,
    },
    from: [input],
    weights: [kernelToOurs(kernel, weight.dims, groups), ...(bias ? [bias] : [])],
    held: [heldOf(weight), ...(bias ? [heldOf(summand!)] : [])],
  });
};

/** Zeros that the file makes up: PyTorch writes so that there is no bias. */
function isNone(summand: OnnxTensor | undefined): boolean {
  return summand?.isComputed === true && floatsOf(summand)?.every((value) => value === 0) === true;
}
