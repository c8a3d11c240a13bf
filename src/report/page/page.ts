import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isRed } from '../../gates/exit-code.ts';
import { describeFact, describeField } from '../../record.ts';
import { ladderOf } from '../drawings.ts';
import { isMeasured } from '../summary.ts';
import type { IterationSummary, MeasuredIteration, Summary } from '../summary.ts';
import { type Anchors, anchorsOf } from './anchors.ts';
import { changesSection, failuresSection } from './failures.ts';
import { type Html, html, trusted, words } from './html.ts';
import { iterationSection } from './iteration.ts';
import { comparisonText, stateOf } from './rows.ts';
import { STYLE } from './style.ts';

/** A page with more drawings than that is slow to open; the rest have their tables. */
const ITERATIONS_DRAWN = 24;
/** Iterations side by side that still can be read. */
const LADDER_MOST = 10;
const SCRIPT = readFileSync(new URL('./browser.js', import.meta.url), 'utf8');

/**
 * The summary as one HTML file: verdict, failures and what to do, then each iteration as target, result and analysis. It needs
 * nothing but itself, and its policy lets nothing else in. Every text of a model, spec or file stays text. Pure.
 */
export function toPage(summary: Summary): string {
  const { verdict, iterations } = summary;
  const anchors = anchorsOf(summary);
  const drawn = drawnOf(iterations);
  const measured = iterations.filter(isMeasured);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy()}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${verdict.status === 'pass' ? '✓' : '✗'} ${words(verdict.title)}</title>
        ${trusted(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#iterations">Skip to the iterations</a>
        <header class="verdict ${verdict.status}">${verdictBlock(summary)}</header>
        <main>
          ${failuresSection(summary, anchors)}
          ${measured.length > 0 ? overview(measured, summary, anchors) : undefined} ${changesSection(summary)}
          ${iterations.length > 0 ? filters(iterations) : undefined}
          <div id="iterations">
            ${iterations.map((iteration, i) =>
              iterationSection(iteration, {
                anchors,
                drawn: drawn.has(iteration),
                before: iterations.slice(0, i).findLast(isMeasured),
                comparisons: summary.comparisons.filter(
                  (comparison) => comparison.iteration === iteration.id,
                ),
              }),
            )}
          </div>
          <p id="none" hidden>No target fits the filter.</p>
        </main>
        <footer><p>${notesBlock(summary)}</p></footer>
        <div id="said" role="status" class="said"></div>
        ${trusted(`<script>${SCRIPT}</script>`)}
      </body>
    </html>
`.html;
}

/** Nothing from elsewhere, and of what is here only this style, this script and images that stand in the page. */
function policy(): string {
  return [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The red ones first, then in order: what is looked at has its drawings. */
function drawnOf(iterations: readonly IterationSummary[]): ReadonlySet<IterationSummary> {
  const redFirst = iterations.toSorted(
    (a, b) => Number(b.targets.some(isRed)) - Number(a.targets.some(isRed)),
  );
  return new Set(redFirst.slice(0, ITERATIONS_DRAWN));
}

function verdictBlock({ verdict, backend, notices }: Summary): Html {
  const mark = verdict.status === 'pass' ? '✓' : '✗';
  return html`<h1><span aria-hidden="true">${mark}</span> ${words(verdict.title)}</h1>
    <p>
      ${MEANING[verdict.exitCode]} Exit code ${verdict.exitCode}. Backend ${words(backend.name)}:
      ${words(backend.reason)}.
    </p>
    ${
      notices.length === 0
        ? undefined
        : html`<details${trusted(notices.length <= 3 ? ' open' : '')}><summary>${notices.length} ${notices.length === 1 ? 'note' : 'notes'}</summary><ul>${notices.map((notice) => html`<li>${words(notice)}</li>`)}</ul></details>`
    }`;
}

const MEANING: Readonly<Record<Summary['verdict']['exitCode'], string>> = {
  0: 'Every promised target was met.',
  1: 'A target was not met.',
  2: 'Worse than the base.',
  3: 'A target is missing, skipped, loosened or refused.',
  4: 'Something could not be measured.',
};

function overview(
  iterations: readonly MeasuredIteration[],
  { comparisons }: Summary,
  anchors: Anchors,
): Html {
  const withBase = comparisons.length > 0;
  return html`<section aria-labelledby="overview">
    <h2 id="overview">Results</h2>
    ${
      iterations.length <= LADDER_MOST
        ? html`<div class="drawing" tabindex="0" role="group" aria-label="Curves of all iterations">
            ${trusted(ladderOf(iterations))}
          </div>`
        : undefined
    }
    <div class="scroll" tabindex="0" role="group" aria-label="Results of each iteration">
      <table class="overview">
        <thead>
          <tr>
            <th scope="col">iteration</th>
            <th scope="col">targets</th>
            <th scope="col" class="number">parameters</th>
            <th scope="col" class="number">field</th>
            <th scope="col" class="number">train %</th>
            <th scope="col" class="number">test %</th>
            ${withBase ? html`<th scope="col" class="number">against the base</th>` : undefined}
            <th scope="col">holds its line</th>
          </tr>
        </thead>
        <tbody>
          ${iterations.map((iteration) => overviewRow(iteration, withBase ? comparisons : undefined, anchors))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function overviewRow(
  iteration: MeasuredIteration,
  comparisons: Summary['comparisons'] | undefined,
  anchors: Anchors,
): Html {
  const { targets, parameters, receptiveField, trainAccuracy, testAccuracy } = iteration;
  const red = targets.filter(isRed).length;
  const difference = comparisons?.find(
    ({ iteration: id, metric }) => id === iteration.id && metric === 'final test accuracy',
  );
  return html`<tr>
    <th scope="row"><a href="#${anchors.ofIteration(iteration)}">${words(iteration.id, 80)}</a></th>
    <td>
      <span class="${red > 0 ? 'fail' : 'pass'}"
        >${red > 0 ? `✗ ${red} of ${targets.length} not met` : `✓ ${targets.length} met`}</span
      >
    </td>
    <td class="number">${words(describeFact(parameters))}</td>
    <td class="number">${words(describeField(receptiveField))}</td>
    <td class="number">${lastOf(trainAccuracy)}</td>
    <td class="number">${lastOf(testAccuracy)}</td>
    ${comparisons ? html`<td class="number">${difference ? comparisonText(difference) : ''}</td>` : undefined}
    <td>${holds(iteration)}</td>
  </tr>`;
}

function holds({ consistentAt, consistentFrom }: MeasuredIteration): string {
  return consistentFrom === null
    ? `not at ${consistentAt} %`
    : `${consistentAt} % from epoch ${consistentFrom}`;
}

function lastOf(accuracy: readonly number[]): string {
  return (accuracy.at(-1) ?? 0).toFixed(2);
}

function filters(iterations: readonly IterationSummary[]): Html {
  const states = new Set(iterations.flatMap(({ targets }) => targets.map(stateOf)));
  const option = (value: string, label: string) =>
    html`<option value="${value}">${words(label, 80)}</option>`;
  return html`<form id="filters" class="filters" hidden>
    <label
      >Status
      <select name="status">
        ${option('', 'all')}${[...states].map((state) => option(state, state))}
      </select></label
    >
    <label
      >Iteration
      <select name="iteration">
        ${option('', 'all')}${iterations.map(({ id }, i) => option(String(i), id))}
      </select></label
    >
    <label>Target <input name="text" type="search" autocomplete="off" /></label>
    <button type="reset">Show all</button> <span id="shown"></span>
  </form>`;
}

function notesBlock({ schema, iterations }: Summary): Html {
  const targets = iterations.reduce((sum, { targets }) => sum + targets.length, 0);
  return html`${targets} targets of ${iterations.length} iterations, from <code>summary.json</code> beside
    this page (${schema}).`;
}
