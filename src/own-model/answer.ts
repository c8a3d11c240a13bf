/** What a network answers for one input, a value a class. */
type Answer = Float32Array | Int32Array | Uint8Array;

/** As in tf.metrics and Keras: keeps the logarithm of a probability of 0 finite. */
const SMALLEST_PROBABILITY = 1e-7;

/** The class of the largest value; of equal ones the first. */
export function predictedClass(values: Answer): number {
  return Math.max(0, values.indexOf(Math.max(...values)));
}

/** Cross-entropy of probabilities. */
export function lossOfProbabilities(values: Answer, label: number): number {
  return -Math.log(Math.max(values[label]!, SMALLEST_PROBABILITY));
}

/** -log softmax(logits)[label]; subtracting the largest first keeps the exponentials finite. */
export function lossOfLogits(values: Answer, label: number): number {
  const logits = Array.from(values);
  const largest = Math.max(...logits);
  const sum = logits.reduce((all, value) => all + Math.exp(value - largest), 0);
  return Math.log(sum) + largest - logits[label]!;
}
