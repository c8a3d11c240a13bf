import { isRed } from '../../gates/exit-code.ts';
import { COLUMNS } from '../../gates/receptive-field-table.ts';
import { valueOr } from '../../fact.ts';
import type { Misread } from '../../record.ts';
import { analysisSentences, resultSentence } from '../analysis.ts';
import { confusionOf, curvesOf, learningRateOf, networkOf, seedsOf } from '../drawings.ts';
import { isMeasured } from '../summary.ts';
import type { Comparison, IterationSummary, MeasuredIteration } from '../summary.ts';
import { sortedRows } from '../table.ts';
import { WHY_HEADINGS, whyRows } from '../why.ts';
import type { Anchors } from './anchors.ts';
import { type Html, html, trusted, words } from './html.ts';
import { comparisonText, rowsTable } from './rows.ts';

export interface IterationContext {
  readonly anchors: Anchors;
  readonly drawn: boolean;
  /** The measured iteration before this one, to compare with. */
  readonly before: MeasuredIteration | undefined;
  readonly comparisons: readonly Comparison[];
}

/** One iteration as target, result and analysis, with its drawings. */
export function iterationSection(iteration: IterationSummary, context: IterationContext): Html {
  const { anchors, drawn } = context;
  const anchor = anchors.ofIteration(iteration);
  const red = iteration.targets.filter(isRed).length;
  const rows = sortedRows(iteration.targets);
  const mark = red > 0 ? '✗' : '✓';
  return html`<article id="${anchor}" class="iteration" tabindex="-1" aria-labelledby="${anchor}-name">
    <h2 id="${anchor}-name">
      <span class="${red > 0 ? 'fail' : 'pass'}" aria-hidden="true">${mark}</span>
      ${words(iteration.id, 120)}${iteration.name === iteration.id ? undefined : html`: ${words(iteration.name, 120)}`}
      <a class="here" href="#${anchor}" aria-label="Link to ${words(iteration.id, 120)}">#</a>
    </h2>
    <h3>Target</h3>
    ${rows.length === 0 ? html`<p>No targets.</p>` : rowsTable(rows, anchors, `Targets and results of ${iteration.id}`)}
    ${isMeasured(iteration) ? measuredParts(iteration, context, drawn) : html`<p>Not measured.</p>`}
  </article>`;
}

function measuredParts(
  iteration: MeasuredIteration,
  { before, comparisons }: IterationContext,
  drawn: boolean,
): Html {
  return html`<h3>Result</h3>
    <p>${words(resultSentence(iteration), 1000)} ${words(iteration.note, 1000)}</p>
    ${comparisonList(comparisons)}
    ${drawn ? html`${figure(curvesOf(iteration))}${seedsOf(iteration).map(figure)}` : undefined}
    <h3>Analysis</h3>
    <p>${words(analysisSentences(iteration, before).join(' '), 2000)}</p>
    ${misreadPart(iteration)}
    ${
      drawn
        ? html`<details>
              <summary>Confusion matrix</summary>
              ${figure(confusionOf(iteration))}
            </details>
            ${learningRatePart(iteration)}`
        : undefined
    }
    ${
      drawn
        ? html`<details>
            <summary>Network, receptive field and layers</summary>
            ${networkPart(iteration)}
          </details>`
        : html`<p>Its drawings and layers are left out of a page of this size: summary.json has the figures.</p>`
    }`;
}

function learningRatePart(iteration: MeasuredIteration): Html | undefined {
  if (iteration.learningRate.length === 0) return undefined;
  return html`<details>
    <summary>Learning rate</summary>
    ${figure(learningRateOf(iteration))}
  </details>`;
}

function comparisonList(comparisons: readonly Comparison[]): Html | undefined {
  if (comparisons.length === 0) return undefined;
  return html`<p class="against">
    Against the base:
    ${comparisons.map(
      (comparison, i) => html`${i > 0 ? '; ' : ''}${comparison.metric} ${comparisonText(comparison)}`,
    )}.
  </p>`;
}

function figure(drawing: string): Html {
  return html`<div class="drawing" tabindex="0" role="group" aria-label="Drawing">${trusted(drawing)}</div>`;
}

/** The digits that are read wrongly, the surest mistakes first; nothing where the images were not at hand. */
function misreadPart({ misread, confusion }: MeasuredIteration): Html | undefined {
  if (misread === undefined || misread.length === 0) return undefined;
  const mistakes = confusion.flatMap((row, truth) => row.filter((_, answer) => answer !== truth));
  const all = mistakes.reduce((sum, count) => sum + count, 0);
  const which = misread.length < all ? `the ${misread.length} surest of ${all}` : `all ${all}`;
  return html`<details>
    <summary>Misread test images: ${which}</summary>
    <ul class="digits">
      ${misread.map(misreadItem)}
    </ul>
  </details>`;
}

function misreadItem({ index, truth, answer, confidence, image }: Misread): Html {
  const { png, width, height } = image;
  const told = `Test image ${index}: a ${truth}, read as ${answer}`;
  return html`<li>
    <img src="data:image/png;base64,${png}" width="${2 * width}" height="${2 * height}" alt="${told}" /><span
      >${truth} → <b>${answer}</b></span
    ><small>${(100 * confidence).toFixed(0)} % sure</small>
  </li>`;
}

function networkPart(iteration: MeasuredIteration): Html {
  const image = iteration.misread?.[0]?.image;
  const digit = image && image.width === image.height ? { size: image.width, png: image.png } : undefined;
  const drawing = networkOf(iteration, digit);
  const { receptiveFieldTable: table, layers } = iteration;
  const field = table.known
    ? plainTable(
        'Receptive field, layer by layer',
        COLUMNS.map(([, heading]) => heading),
        table.value.map((row) => COLUMNS.map(([key]) => String(row[key]))),
      )
    : html`<p>The receptive field is unknown: ${words(table.reason)}</p>`;
  return html`${drawing === undefined ? undefined : figure(drawing)}${field}${plainTable('Layers, the largest first', WHY_HEADINGS, whyRows(layers, valueOr(table, [])))}`;
}

function plainTable(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}">
    <table class="plain">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${headings.map((heading) => html`<th scope="col">${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${words(cell, 80)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
