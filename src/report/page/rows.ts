import { isRed } from '../../gates/exit-code.ts';
import { formatValue } from '../../gates/verdict.ts';
import type { Verdict } from '../../gates/verdict.ts';
import { markdownTable } from '../text.ts';
import { promiseOf } from '../promise.ts';
import { cellsOf, HEADINGS, intervalOf, marginOf, provenanceOf, resultOf, statusOf } from '../table.ts';
import type { Comparison } from '../summary.ts';
import type { Anchors } from './anchors.ts';
import { type Html, html, words } from './html.ts';

/** What the filter knows a row by. */
export type State = 'met' | 'not met' | 'warning';

const DETAIL = 400;
const MARKS = { met: '✓', 'not met': '✗', warning: '!' } as const;

export function stateOf(row: Verdict): State {
  if (isRed(row)) return 'not met';
  return row.status === 'pass' ? 'met' : 'warning';
}

/** Targets beside results, red rows first; every row with its link and a button that copies it as Markdown. */
export function rowsTable(rows: readonly Verdict[], anchors: Anchors, caption: string): Html {
  const withBase = rows.some(({ base }) => base !== undefined);
  return html`<table class="rows">
    <caption class="unseen">
      ${words(caption)}
    </caption>
    <thead>
      <tr>
        <th scope="col">target</th>
        <th scope="col">result</th>
        ${withBase ? html`<th scope="col" class="number">base</th>` : undefined}
        <th scope="col"><span class="unseen">link, copy</span></th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => tableRow(row, rows, anchors, withBase))}
    </tbody>
  </table>`;
}

function tableRow(row: Verdict, peers: readonly Verdict[], anchors: Anchors, withBase: boolean): Html {
  const state = stateOf(row);
  const anchor = anchors.ofRow(row);
  const promise = promiseOf(row, peers);
  return html`<tr id="${anchor}" tabindex="-1" class="row ${state.replace(' ', '-')}" data-state="${state}">
    <th scope="row">
      <span class="mark"
        ><span aria-hidden="true">${MARKS[state]}</span><span class="unseen">${statusOf(row)}: </span></span
      ><span
        >${words(promise)}${state === 'met' ? undefined : html` <small class="status">${statusOf(row)}</small>`}</span
      >
    </th>
    <td>
      <b>${words(resultOf(row), DETAIL)}</b
      >${aside(row)}${row.remedy === '' ? undefined : html`<small class="remedy">→ ${words(row.remedy, 1000)}</small>`}
    </td>
    ${withBase ? html`<td class="number">${row.base === undefined ? '' : words(formatValue(row.base, row.unit), 60)}</td>` : undefined}
    <td class="tools">
      <a href="#${anchor}" aria-label="Link to ${words(promise, 120)}">#</a
      ><button
        type="button"
        class="copy"
        data-markdown="${markdownOf(row, peers, withBase)}"
        aria-label="Copy ${words(promise, 120)} as Markdown"
      >
        copy
      </button>
    </td>
  </tr>`;
}

/** Margin, interval and where the figure comes from, in a second line. */
function aside(row: Verdict): Html | undefined {
  const parts = [
    marginOf(row),
    intervalOf(row) && `95 % interval ${intervalOf(row)}`,
    provenanceOf(row),
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : html`<small>${words(parts.join(' · '), DETAIL)}</small>`;
}

/** The row as a table of its own: what one pastes into an issue. */
function markdownOf(row: Verdict, peers: readonly Verdict[], withBase: boolean): string {
  const headings = ['iteration', ...HEADINGS, ...(withBase ? ['base'] : [])];
  return markdownTable(headings, [[row.iteration, ...cellsOf(row, { peers, withBase })]]);
}

/** "+0.04 points", "same", "regression: -0.30 points". */
export function comparisonText({ status, gain, unit, reason }: Comparison): Html {
  if (gain === null) return words(reason ?? 'not comparable', 80);
  const text = gain === 0 ? 'same' : `${gain > 0 ? '+' : ''}${formatValue(gain, unit)}`;
  const mark = status === 'regression' || status === 'warn' ? `${status}: ` : '';
  return html`<span class="${status === 'regression' ? 'fail' : ''}">${mark}${words(text, 60)}</span>`;
}
