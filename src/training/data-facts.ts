import type { Dataset } from '../data/dataset.ts';
import { repeatedInputs } from '../data/repeated.ts';
import type { RunRecord } from '../record.ts';

/** What a record says of the data that a run was trained and measured on. */
export function dataFacts(data: Dataset): RunRecord['data'] {
  const { name, sha256, train, test, classes } = data;
  return { name, sha256, train: train.count, test: test.count, classes, repeated: repeatedInputs(data) };
}
