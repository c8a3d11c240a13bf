export interface Confusion {
  readonly truth: number;
  readonly answer: number;
  readonly count: number;
  /** Per cent of the images of class `truth`. */
  readonly share: number;
}

/** The most frequent mistakes of a confusion matrix ([true class][answer], counts), the worst first. Pure. */
export function worstConfusions(matrix: readonly (readonly number[])[], most: number): Confusion[] {
  return matrix
    .flatMap((row, truth) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return row.map((count, answer) => ({ truth, answer, count, share: (100 * count) / total }));
    })
    .filter(({ truth, answer, count }) => truth !== answer && count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, most);
}
