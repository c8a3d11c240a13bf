import type { Row } from './rows.ts';
import { sharesTable } from './tables.ts';

export const PAGE = 'docs/corpus.md';

/** What docs/corpus.md says of the rows of networks.json. */
export function corpusPage(rows: readonly Row[]): string {
  const left = rows.flatMap(({ entry, refusal, plain }) => {
    const reason = refusal ?? plain;
    return reason === undefined ? [] : [`- ${entry.id}: ${reason}`];
  });
  return `# Networks of others

[spec/corpus/networks.json](../spec/corpus/networks.json) holds ${rows.length} networks that people published for this exercise and its neighbours. \`npm run corpus -- --docs\`
writes this page, \`-- --check\` says whether it is in step. Expressible: plain data say it. Native engine: all of it is trained by this
project's kernels, nothing by plain tfjs operations.

${sharesTable(rows)}

Left out, with the reason:

${left.length === 0 ? '- none' : left.join('\n')}

\`spec/corpus/agreement.spec.ts\` trains them beside plain operations, from the same first weights, on the same images and with the same
dropout masks: the losses of three steps, and of an evaluation before and after them. The oracle is
the cpu backend, which sums in float64 (its gradient of filters by other loops, to the same bits: \`spec/support/cpu-filter-gradient.ts\`), and losses may differ by 1e-4 of themselves. An array of weights may be 3 % of its way off after the first step, 10 % after the last. A network that parts
in its draw of first weights, images and masks is tried on two more, and has to agree on both: a sum within a rounding of a ReLU's brink is by chance, a wrong gradient is not.
Of those up to thirty million a pull request trains every twelfth, which ones the commit's hash says, and forty
networks that are drawn from a seed; the scheduled workflow all of them (\`CORPUS=1\`).
`;
}
