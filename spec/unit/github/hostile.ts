import { judgeFinalTestAccuracy, judgeParameters } from '../../../src/gates/stock-targets.ts';
import { summarize } from '../../../src/report/summary.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { evidence } from '../../support/records.ts';

/** Names that mean something to Markdown, HTML, GitHub or its runner. */
export const HOSTILE = [
  'a|b|c',
  '`code` ``` fence',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '</details></summary>',
  '::error::injected',
  '##[error]injected',
  'two\nlines\r\n\n# heading\n- item',
  '# heading',
  '- item',
  '+ item',
  '1. item',
  '---',
  '===',
  '> quote',
  '[link](javascript:alert(1)) ![image](x)',
  'https://example.com www.example.com a@example.com',
  '@someone #1 GH-1',
  '**bold** _emphasis_ ~~struck~~ $x^2$ :tada:',
  '&lt;b&gt; &#60;i&#62;',
  '\u001B[31mred\u001B[0m \u202Ereversed',
  'x'.repeat(1024 * 1024),
] as const;

/** A summary of `count` targets, two an iteration, every one of them red and everything named by `names`; the same each time. */
export function hostileSummary(count: number, names: readonly string[] = HOSTILE): Summary {
  const key = JSON.stringify([count, names]);
  const made = summaries.get(key) ?? makeSummary(count, names);
  summaries.set(key, made);
  return made;
}

const summaries = new Map<string, Summary>();

function makeSummary(count: number, names: readonly string[]): Summary {
  const name = (i: number) => names[i % names.length]!;
  const evidences = Array.from({ length: count / 2 }, (_, i) => {
    // Ids are sorted with care for numbers, which takes minutes with a megabyte each.
    const made = evidence({ id: `${name(i).slice(0, 1_000)} ${i}`, name: name(i + 1), test: [90, 95, 99] });
    const model = { ...made.runs[0]!.model, layers: [{ ...made.runs[0]!.model.layers[0]!, layer: name(i) }] };
    return { ...made, note: name(i), runs: [{ ...made.runs[0]!, model }] };
  });
  // Ids and labels such as these are refused where they are declared; a report may come from elsewhere.
  const plain = evidence({ test: [90, 95, 99] });
  const size = judgeParameters(plain, '<', 100);
  const accuracy = judgeFinalTestAccuracy(plain, '>=', 99.4);
  const rows = evidences.flatMap(({ id }, i) => [
    { ...size, iteration: id, metric: `${size.metric} (${name(i)})`, detail: name(i), remedy: name(i + 2) },
    { ...accuracy, iteration: id, title: name(i), location: { file: name(i), line: 3 } },
  ]);
  const change = { target: name(0), kind: 'loosened', from: name(1), to: name(2) } as const;
  return summarize({
    rows,
    evidences,
    notices: [...names],
    failedTests: 0,
    targetChanges: [change, { ...change, reason: name(3) }],
    comparisons: [
      {
        iteration: name(2),
        metric: 'parameters',
        unit: name(0),
        base: 1,
        head: null,
        gain: null,
        status: 'regression',
        reason: name(4),
      },
    ],
  });
}
