import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { echo } from 'zx';
import { ExitCode, GateError } from '../src/errors.ts';
import { useOracle } from '../spec/corpus/agreement.ts';
import { corpusOf } from '../spec/corpus/corpus.ts';
import { type Row, rowOf } from './support/corpus/rows.ts';
import { corpusPage, PAGE } from './support/corpus/page.ts';
import { rowsTable, sharesTable } from './support/corpus/tables.ts';
import { runScript } from './support/run-script.ts';

/**
 * `npm run corpus`: what becomes of networks that others published: whether plain data can say them, their parameters and
 * receptive fields beside the published ones, and whether the native engine trains them. `--file` reads another file of the same
 * form, `--docs` writes docs/corpus.md and `--check` says whether it is in step, `--train` also compares three steps with plain operations of the cpu backend, `--only mnist-01` takes those whose ids begin so.
 */
await runScript(async () => {
  const { values } = parseArgs({
    options: {
      file: { type: 'string' },
      train: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      docs: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
    },
  });
  await useOracle();
  if ((values.docs || values.check) && (values.file !== undefined || values.only !== '')) {
    throw new GateError(
      '--docs and --check are about the whole of spec/corpus/networks.json: leave out --file and --only.',
    );
  }
  const entries = corpusOf(values.file).filter(({ id }) => id.startsWith(values.only));
  if (entries.length === 0) throw new GateError(`No network has an id that begins with "${values.only}".`);
  const rows: Row[] = [];
  for (const entry of entries) {
    rows.push(await rowOf(entry, values.train));
    if (values.train)
      console.error(`${entry.id}: ${rows.at(-1)!.worst?.toExponential(1) ?? 'not trained natively'}`);
  }
  if (values.docs || values.check) return keepPage(corpusPage(rows), values.check);
  echo(`${rowsTable(rows)}\n\n${sharesTable(rows)}`);
  const apart = rows.filter(({ agrees }) => agrees === false);
  if (apart.length > 0) {
    const ids = apart.map(({ entry }) => entry.id).join(', ');
    throw new GateError(`${ids}: not what plain operations of the cpu backend give.`, ExitCode.targetFailed);
  }
});

function keepPage(text: string, onlyChecks: boolean): void {
  if (!onlyChecks) {
    writeFileSync(PAGE, text);
    echo(`${PAGE} written.`);
  } else if (readFileSync(PAGE, 'utf8') === text) echo(`${PAGE} is in step with the corpus.`);
  else
    throw new GateError(
      `${PAGE} is out of step with the corpus. Run "npm run corpus -- --docs".`,
      ExitCode.targetFailed,
    );
}
