import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { selectBackend } from '../backend/select.ts';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { publish, publishError } from '../github/publish.ts';
import { isImages, loadJudgeData } from '../judge/data.ts';
import { judge as judgeCommit } from '../judge/judge.ts';
import { measure } from '../judge/measure.ts';
import { replayWith } from '../judge/replay.ts';
import { replayModes } from '../judge/select.ts';
import type { ReplayMode } from '../judge/select.ts';
import { toMarkdown } from '../report/markdown.ts';
import { summarySchema } from '../report/summary.ts';
import type { Summary } from '../report/summary.ts';
import { toTerminal } from '../report/terminal.ts';
import { inertLines } from '../report/text.ts';

export const JUDGE_USAGE = `judge --base COMMIT           the verdict on a commit, from its lock and records alone; executes nothing of it
  --head COMMIT               what is judged (default HEAD)
  --exact                     compare with the base itself, not with where the head left it: on a push
  --repository FOLDER         a clone that has both commits (default: here)
  --directory FOLDER          of the project, from the repository's root (default: the root)
  --runs FOLDER               of the records, from the project (default runs)
  --data NAME                 what it measures on: mnist, or a module that exports data (default mnist)
  --replay MODE               which runs it trains again: ${replayModes.join(', ')} (default drawn)
  --reported FILE             summary.json of the test run of that commit, to compare with
  --reports FOLDER            where its own summary goes (default reports)`;

const OPTIONS = {
  base: { type: 'string' },
  head: { type: 'string', default: 'HEAD' },
  exact: { type: 'boolean', default: false },
  repository: { type: 'string', default: '.' },
  directory: { type: 'string', default: '.' },
  runs: { type: 'string', default: 'runs' },
  data: { type: 'string', default: 'mnist' },
  replay: { type: 'string', default: 'drawn' },
  reported: { type: 'string' },
  reports: { type: 'string', default: 'reports' },
} as const;
/** A summary larger than that is not ours. */
const MAX_REPORT_BYTES = 32 * 1024 * 1024;

type Values = ReturnType<typeof readValues>;

/** Judges a commit outside of any test run; publishes its verdict as the reporter does. Throws GateError for a mistake. */
export async function judge(args: readonly string[]): Promise<ExitCode> {
  try {
    const values = readValues(args);
    const summary = await run(values);
    const folder = resolve(values.reports);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
    await writeFile(join(folder, 'summary.md'), toMarkdown(summary));
    console.log(inertLines(toTerminal(summary)));
    await publish(summary, { root: resolve('.'), folder: values.reports });
    return summary.verdict.exitCode;
  } catch (error) {
    const exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
    await publishError(messageOf(error), exitCode);
    throw error;
  }
}

function readValues(args: readonly string[]) {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { base, replay } = values;
  if (!base) throw new GateError(`--base is missing: the commit to compare with.\n${JUDGE_USAGE}`);
  if (!isReplayMode(replay)) {
    throw new GateError(`--replay ${replay}: expected one of ${replayModes.join(', ')}.`);
  }
  return { ...values, base, replay };
}

async function run(values: Values): Promise<Summary> {
  const data = await loadJudgeData(values.data);
  const backend = await selectBackend({ force: 'wasm' });
  const replay = isImages(data)
    ? replayWith({ data, backend })
    : async () => ({ outcome: 'impossible' as const, reason: 'a loop of its own trained it' });
  const { reported, ...request } = values;
  return judgeCommit(
    {
      ...request,
      repository: resolve(values.repository),
      prefix: prefixOf(values.directory),
      ...(reported === undefined ? {} : { reported: await readReport(reported) }),
    },
    {
      data,
      measure: (record, weights) => measure(record, weights, { data, backend }),
      replay,
      onRecord: ({ file, note, findings }) =>
        console.log(inertLines(`${file}: ${[note, ...findings.map(({ cause }) => cause)].join('; ')}`)),
    },
  );
}

/** "." is the root, "packages/a" is "packages/a/". Throws GateError for a folder outside. */
function prefixOf(directory: string): string {
  const parts = directory.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || /^(?:[/\\]|[A-Za-z]:)/.test(directory)) {
    throw new GateError(
      `--directory ${directory}: expected a folder inside the repository, such as packages/model.`,
    );
  }
  return parts.map((part) => `${part}/`).join('');
}

async function readReport(file: string): Promise<Summary | { readonly unreadable: string }> {
  if (!existsSync(file)) {
    return { unreadable: `the test run left no report (${file}): look at the jobs before this one` };
  }
  if ((await stat(file)).size > MAX_REPORT_BYTES)
    return { unreadable: `the report of the test run is too large: ${file}` };
  try {
    const parsed = summarySchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return {
      unreadable: `the report of the test run is not a summary of this version: ${issue!.path.join('.')}: ${issue!.message}`,
    };
  } catch (error) {
    return { unreadable: `the report of the test run cannot be read: ${messageOf(error)}` };
  }
}

function isReplayMode(text: string): text is ReplayMode {
  return (replayModes as readonly string[]).includes(text);
}
