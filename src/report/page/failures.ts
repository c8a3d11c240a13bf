import { ExitCode } from '../../errors.ts';
import { unacknowledged } from '../../gates/loosening.ts';
import { formatValue } from '../../gates/verdict.ts';
import { type Cause, causesOf } from '../causes.ts';
import { promiseOf } from '../promise.ts';
import type { Summary } from '../summary.ts';
import { marginOf, resultOf } from '../table.ts';
import type { Anchors } from './anchors.ts';
import { type Html, html, words } from './html.ts';

/** Rows that one cause lists; the others are below, in their iterations. */
const ROWS_SHOWN = 8;
const CAUSES_SHOWN = 50;
const REMEDY = 1_000;

/** What failed, by how much, and what to do; nothing where nothing did. */
export function failuresSection(summary: Summary, anchors: Anchors): Html | undefined {
  const causes = causesOf(summary.iterations.flatMap(({ targets }) => targets));
  const loosened = unacknowledged(summary.targetChanges);
  const regressions = summary.comparisons.filter(({ status }) => status === 'regression');
  if (causes.length + loosened.length + regressions.length + summary.findings.length === 0) return undefined;
  const more = causes.length - CAUSES_SHOWN;
  return html`<section aria-labelledby="failures" class="failures">
    <h2 id="failures">What failed, and what to do</h2>
    <ol>
      ${summary.findings
        .slice(0, CAUSES_SHOWN)
        .map(
          ({ iteration, cause }) =>
            html`<li><b>Found by the judge${iteration === undefined ? '' : html` in ${words(iteration, 80)}`}:</b> ${words(cause, REMEDY)}</li>`,
        )}
      ${causes.slice(0, CAUSES_SHOWN).map((cause) => causeItem(cause, summary, anchors))}
      ${loosened.slice(0, CAUSES_SHOWN).map(
        ({ kind, target, from, to }) =>
          html`<li>
            <b>${words(target)}</b>: ${kind}, from ${words(from)} to ${words(to)}.
            <p>
              → Bring the target back, or acknowledge the change in <code>spec/loosened.json</code> with a
              reason.
            </p>
          </li>`,
      )}
      ${regressions.slice(0, CAUSES_SHOWN).map(
        ({ iteration, metric, base, head, unit }) =>
          html`<li>
            <b>${words(iteration, 80)}: ${metric} regressed</b>: ${words(formatValue(base, unit))} at the
            base, ${words(formatValue(head, unit))} now.
            <p>→ Compare network, recipe and data with the base's.</p>
          </li>`,
      )}
    </ol>
    ${more > 0 ? html`<p>${more} more are marked ✗ below.</p>` : undefined}
  </section>`;
}

function causeItem({ detail, remedy, rows, status }: Cause, summary: Summary, anchors: Anchors): Html {
  const shown = rows.slice(0, ROWS_SHOWN);
  const peersOf = (id: string) => summary.iterations.find((iteration) => iteration.id === id)?.targets ?? [];
  const line = (row: (typeof rows)[number]) =>
    html`<a href="#${anchors.ofRow(row)}"
      >${words(row.iteration, 80)}: ${words(promiseOf(row, peersOf(row.iteration)))}</a
    >`;
  const place = rows[0]?.location;
  const where = place ? html` <small>${words(place.file, 120)} line ${place.line}</small>` : undefined;
  const what =
    detail === undefined
      ? html`${line(rows[0]!)}
          <p><b>${words(resultOf(rows[0]!))}</b> ${marginText(rows[0]!)}${where}</p>`
      : html`<b>${status}: ${words(detail)}</b>${where}
          <p>It breaks ${rows.length} ${rows.length === 1 ? 'target' : 'targets'}:</p>
          <ul>
            ${shown.map((row) => html`<li>${line(row)}</li>`)}${rows.length > ROWS_SHOWN ? html`<li>and ${rows.length - ROWS_SHOWN} more</li>` : undefined}
          </ul>`;
  return html`<li>
    ${what}
    <p>→ ${words(remedy, REMEDY)}</p>
  </li>`;
}

function marginText(row: Parameters<typeof marginOf>[0]): string {
  const margin = marginOf(row);
  return margin === '' ? '' : `(${margin})`;
}

/** How the targets differ from those of the base; nothing without a base. */
export function changesSection({ targetChanges, verdict }: Summary): Html | undefined {
  if (targetChanges.length === 0) return undefined;
  const open = verdict.exitCode === ExitCode.missing ? ' open' : '';
  return html`<section>
    <details class="changes" ${open}>
      <summary><h2>Targets against the base: ${targetChanges.length} changed</h2></summary>
      <div class="scroll" tabindex="0" role="group" aria-label="Targets against the base">
        <table>
          <thead>
            <tr>
              <th scope="col">change</th>
              <th scope="col">target</th>
              <th scope="col">from</th>
              <th scope="col">to</th>
              <th scope="col">acknowledged because</th>
            </tr>
          </thead>
          <tbody>
            ${targetChanges.map(
              ({ kind, target, from, to, reason }) =>
                html`<tr>
                  <td>${kind}</td>
                  <td>${words(target)}</td>
                  <td>${words(from)}</td>
                  <td>${words(to)}</td>
                  <td>${words(reason ?? '')}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}
