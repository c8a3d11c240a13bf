import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import * as core from '@actions/core';
import { Command } from '@commander-js/extra-typings';
import { ending } from '../cli/run.ts';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { outputsOf } from '../github/outputs.ts';
import { publishError } from '../github/publish.ts';
import { REPORTS_FOLDER, SUMMARY_FILE } from '../report/files.ts';
import { parseSummary } from '../report/summary.ts';
import type { Summary } from '../report/summary.ts';
import type { JudgeValues } from './judge.ts';
import { runVitest } from './specs.ts';

export const action = new Command('action')
  .description(
    'What action.yml runs: Vitest, and demands a summary of it; or the judge. Takes its inputs from the environment.',
  )
  .action(ending(runAction));

const MODES = ['test', 'judge'] as const;

/** What action.yml hands over, checked. */
interface Inputs {
  readonly directory: string;
  readonly arguments: readonly string[];
  readonly base: string;
  readonly reports: string;
}

/**
 * Runs Vitest in a project that uses the gate's reporter, and demands a summary of it: a run that leaves none, or fails
 * beside it, is red. The reporter itself publishes page, annotations and outputs.
 */
async function runAction(): Promise<ExitCode> {
  const mode = core.getInput('mode') || MODES[0];
  if (mode === 'judge') return runJudge();
  try {
    if (mode !== 'test') throw wrong('mode', mode, `one of ${MODES.join(', ')}`);
    return await run(readInputs());
  } catch (error) {
    const exitCode = error instanceof GateError ? error.exitCode : ExitCode.infrastructure;
    await publishError(messageOf(error), exitCode);
    throw error;
  }
}

/** As the last job of this project's own workflow does; the judge publishes its verdict, and its mistakes, itself. */
async function runJudge(): Promise<ExitCode> {
  let values: JudgeValues;
  try {
    values = readJudgeInputs();
  } catch (error) {
    await publishError(messageOf(error), ExitCode.infrastructure);
    throw error;
  }
  // Only here: it brings the engine with it.
  const { judgeAndPublish } = await import('./judge.ts');
  return judgeAndPublish(values);
}

function readJudgeInputs(): JudgeValues {
  const base = revisionOf('base');
  if (base === '')
    throw wrong('base', base, 'the commit to compare with, such as the base of the pull request');
  const reported = core.getInput('reported');
  return {
    base,
    head: revisionOf('head') || 'HEAD',
    exact: core.getInput('exact') === 'true',
    repository: core.getInput('repository') || '.',
    directory: core.getInput('project') || '.',
    runs: 'runs',
    data: core.getInput('data') || 'mnist',
    replay: 'drawn',
    reports: core.getInput('reports') || REPORTS_FOLDER,
    ...(reported === '' ? {} : { reported }),
  };
}

function revisionOf(name: string): string {
  const revision = core.getInput(name);
  if (/^-|[\s\p{Cc}]/u.test(revision)) throw wrong(name, revision, 'a git revision, such as origin/main');
  return revision;
}

/** Throws GateError for a wrong input, which it names. */
function readInputs(): Inputs {
  const workspace = resolve(process.env['GITHUB_WORKSPACE'] || '.');
  const directory = resolve(workspace, core.getInput('directory') || '.');
  if (!isInside(workspace, directory) || !existsSync(join(directory, 'package.json'))) {
    throw wrong('directory', core.getInput('directory'), 'a folder of the repository with a package.json');
  }
  const reports = core.getInput('reports') || REPORTS_FOLDER;
  if (!isInside(directory, resolve(directory, reports))) {
    throw wrong('reports', reports, 'a folder inside the directory');
  }
  return { directory, reports, base: revisionOf('base'), arguments: core.getMultilineInput('arguments') };
}

function isInside(folder: string, path: string): boolean {
  return !/^\.\.(?:[/\\]|$)/.test(relative(folder, path));
}

function wrong(name: string, found: string, expected: string): GateError {
  return new GateError(
    `Input "${name}" is ${JSON.stringify(found)}, expected ${expected}. Correct it in the workflow.`,
  );
}

async function run(inputs: Inputs): Promise<ExitCode> {
  const file = join(inputs.directory, inputs.reports, SUMMARY_FILE);
  // A summary of an earlier run must not speak for this one.
  await rm(file, { force: true });
  const { directory, base } = inputs;
  const exitCode = await runVitest(directory, inputs.arguments, {
    CI: 'true',
    ...(base === '' ? {} : { GATE_BASE: base }),
  });
  const summary = await readSummary(file);
  const { verdict } = summary;
  if (exitCode === verdict.exitCode) return verdict.exitCode;
  const message = `Vitest left with exit code ${exitCode} where the gate said "${verdict.title}" (${verdict.exitCode}): see the log.`;
  const worst = Math.max(exitCode, verdict.exitCode, ExitCode.targetFailed);
  core.error(message);
  const outputs = { ...outputsOf(summary, ''), status: 'fail', 'exit-code': worst, title: message };
  for (const [name, value] of Object.entries(outputs)) {
    if (name !== 'summary-path') core.setOutput(name, value);
  }
  return worst as ExitCode;
}

async function readSummary(file: string): Promise<Summary> {
  try {
    return parseSummary(await readFile(file, 'utf8'), file);
  } catch {
    throw new GateError(
      `The run left no ${file}: nothing was judged. Add gateReporter() to the reporters in vitest.config.ts, and write the lock of targets.`,
      ExitCode.missing,
    );
  }
}
