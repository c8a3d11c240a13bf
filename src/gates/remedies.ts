import { Metric } from './verdict.ts';
import { commandLine } from '../command-line.ts';

/** What to look at when a target is not met, by metric; `remedyFor` is the only reader. */
const REMEDIES: Readonly<Record<string, string>> = {
  [Metric.parameters]: `Look at the filters of each convolution (\`${commandLine('why')}\`: the layers, largest first): a 3x3 convolution costs 9 x channels in x channels out, a batch norm 2 x channels.`,
  [Metric.multiplyAdds]: `\`${commandLine('why')}\` shows what each layer costs. The early layers see the most pixels: take filters from them first, or pool earlier.`,
  [Metric.receptiveField]: `\`${commandLine('why')}\` shows what each layer adds: (kernel - 1) x the product of the strides before it. Check kernel, stride, dilation and the place of the pooling.`,
  [Metric.receptiveFieldTable]:
    'Look at the first row that differs: its padding, kernel and stride, and what the layer before it hands over.',
  [Metric.finalTestAccuracy]:
    'Look at the last epochs: if train accuracy is low too, raise capacity, learning rate or epochs; if only test is low, regularise or augment; if it swings, lower the learning rate sooner.',
  [Metric.finalTrainAccuracy]:
    'Too low: the learning rate, dropout or augmentation may be too strong, or the network too small. Too high: the regularization is not on.',
  [Metric.heldTestAccuracy]:
    'Look at the epoch named: a dip in an early epoch asks for an earlier drop of the learning rate; dips to the end ask for a lower one, more augmentation, or more capacity.',
  [Metric.gap]:
    'Gap too large: add dropout or augmentation. Gap too small where overfitting is expected: regularization has slipped into a bare model, or it has not learnt.',
  [Metric.overMajority]:
    'The model hardly beats always answering the most frequent class: check labels, preprocessing, the initial weights and the learning rate.',
  [Metric.nonFiniteLosses]: 'The loss became NaN or infinite: lower the learning rate, or warm it up.',
  [Metric.lossRatio]:
    'The train loss hardly falls: check that gradients reach every layer, and raise the learning rate or the number of epochs.',
  [Metric.largestDrop]:
    'The learning rate is too high for that part of the training: drop it earlier or further.',
  [Metric.deadChannels]:
    'A dead channel costs parameters and does nothing: take it away, or lower the learning rate that killed it.',
};

const UNKNOWN =
  'Compare the run record with that of the base revision, and see what changed in network, recipe or data.';

/** What to look at when a target on `metric` (with or without a label in brackets) is not met. */
export function remedyFor(metric: string): string {
  return REMEDIES[metric.replace(/ \(.*\)$/, '')] ?? UNKNOWN;
}

/** What to do about rows that do not count. */
export const StateRemedy = {
  update: `If the change is meant, run "${commandLine('targets --update')}" and commit spec/targets.lock.json with it.`,
  recorded:
    'Set MNIST_DIR to the folder with the data set, or let the project download it: in CI every accuracy is measured again.',
  unrecorded: `Train it (${commandLine('train')}) and commit its record and weights with the change: the judge reads nothing else.`,
  retry:
    'Take the retry away: a target is judged on one attempt. To allow for luck, give several seeds and name the aggregation.',
  negated: 'Say what is promised with the opposite operator instead of ".not".',
  evidence:
    'Hand the matcher what obtainEvidence or evidenceOf gave, as it is: runs of one network, recipe and data, one a seed, tested on inputs it was not trained on.',
  forged:
    'The row was not made by a matcher of this version from this evidence: look for whoever writes task.meta, mocks the gate or runs another version of it',
  seeds: `Train the seeds that the lock declares, no fewer and no more (${commandLine('train')}, ${commandLine('study')}), and commit their records.`,
  divided: 'Give each network, recipe and data set an id of its own.',
  repeated: 'Take the repeats or the loop away: a target is judged on one attempt.',
  duplicate: 'Keep one of them, or tell them apart with the option "label".',
} as const;
