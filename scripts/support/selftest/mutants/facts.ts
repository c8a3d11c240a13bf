import type { Mutant } from '../mutant.ts';

/** Section A: a fact that is counted wrongly, or a guess in the place of what is not known; the specs of facts must say so. */

const COST = 'spec/unit/model/cost.spec.ts';
const FIELD = 'spec/unit/model/receptive-field.spec.ts';
const DEAD = 'spec/unit/training/dead-channels.spec.ts';
const OUTPUT = 'spec/unit/own-model/classify.spec.ts';
const TARGET = 'spec/unit/gates/declare.spec.ts';
const FIGURE = 'spec/unit/figure.spec.ts';
export const FACT_SPECS = [COST, FIELD, DEAD, OUTPUT, TARGET, FIGURE];

export const factMutants: readonly Mutant[] = [
  wrong(
    'a field guessed where branches meet',
    'A1: the first branch is taken for all',
    [FIELD, 'has no field where they meet at different distances, and the merge is named'],
    'src/model/receptive-field.ts',
    'union(read, reach.isMap) : first',
    '(union(read, reach.isMap) ?? first) : first',
  ),
  wrong(
    'a free size taken for 1',
    'A2: multiply-adds of an image without a size',
    [COST, 'are unknown, with the reason, where a size is free'],
    'src/model/multiply-adds.ts',
    'return value ?? Number.NaN;',
    'return value ?? 1;',
  ),
  wrong(
    'NaN lost in JSON',
    'A3: losses that are not finite become null',
    [FIGURE, 'is read as it was written: NaN'],
    'src/figure.ts',
    'Number.isFinite(value) ? value : String(value)',
    'value',
  ),
  wrong(
    'frozen weights not counted',
    'A4: all parameters are the trained ones',
    [COST, 'counts frozen layers among all weights, not among the trainable ones'],
    'src/model/cost.ts',
    'allParameters: sizeOf(weights),',
    'allParameters: sizeOf(weights.filter((weight) => trained.has(weight))),',
  ),
  wrong(
    'shared weights counted twice',
    'A5: once at each use',
    [COST, 'counts a shared layer as often as it is applied, and its weights once'],
    'src/model/cost.ts',
    '!counted.has(weight)',
    'true',
  ),
  wrong(
    'a transposed convolution by its output',
    'A7: four times too many multiply-adds',
    [COST, 'are those worked out by hand: Conv2DTranspose, stride 2'],
    'src/model/multiply-adds.ts',
    'Conv2DTranspose: transposed',
    'Conv2DTranspose: convolved',
  ),
  wrong(
    'an LSTM of one step',
    'A8: its kernels are counted once',
    [COST, 'are those worked out by hand: LSTM'],
    'src/model/multiply-adds.ts',
    'size(inputShapes[0]![0]) * kernelsOf(layer);',
    'inputShapes.length * kernelsOf(layer);',
  ),
  wrong(
    'channels first taken for last',
    'A9: positions of the wrong axes',
    [COST, 'are those worked out by hand: Conv2D, channels first'],
    'src/model/multiply-adds.ts',
    "layer.getConfig()['dataFormat'] === 'channelsFirst'",
    'layer === undefined',
  ),
  wrong(
    'dead channels along the wrong axis',
    'A9: where channels come first',
    [DEAD, 'are sought along the channels where those come first'],
    'src/training/dead-channels.ts',
    "layout === 'channelsFirst' ? 1 : value.rank - 1",
    'value.rank - 1',
  ),
  wrong(
    'an inner model not looked into',
    'A10: its dead channels',
    [DEAD, 'are found in a model inside the model'],
    'src/training/dead-channels.ts',
    'if (!isLast && !isNonLinear(application)) return;',
    "if ((!isLast && !isNonLinear(application)) || application.name.includes('/')) return;",
  ),
  wrong(
    'any word for the output',
    'A11: probabilities pass for logits',
    [OUTPUT, 'is that of probabilities for a softmax inside an inner model (A11)'],
    'src/own-model/classify.ts',
    'checkOutput(model, distributions, output);',
    'if (classes < 0) checkOutput(model, distributions, output);',
  ),
  wrong(
    'predictions in bytes',
    'A12: 300 classes',
    [OUTPUT, '300 classes are told apart (A12)'],
    'src/own-model/classify.ts',
    'new Int32Array(total)',
    'new Uint8Array(total)',
  ),
  wrong(
    'an accuracy of 0.994',
    'A13: a fraction where per cent are meant',
    [TARGET, 'is refused for an accuracy that is a fraction, and says the per cent'],
    'src/gates/declare.ts',
    'target > 0 && target <= 1',
    'target === Infinity',
  ),
  wrong(
    'any id',
    'A13: "../x/y" as a file name',
    [TARGET, 'is refused for the id "../x/y", with one line'],
    'src/identity.ts',
    'return `expected an id',
    "return id.length < 0 ? '' : undefined; `expected an id",
  ),
];

/** `spec`: the file that must fail, and the test in it. */
function wrong(
  name: string,
  breaks: string,
  [file, test]: readonly [string, string],
  source: string,
  from: string,
  to: string,
): Mutant {
  return {
    name,
    breaks,
    says: `× ${test}`,
    base: 'facts',
    exitCode: 1,
    break: (copy) => copy.edit(source, from, to),
    gate: (copy) => copy.vitest(['--project', 'unit', file], { GATE_SCOPE: 'none' }),
  };
}
