import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import { toPlain } from '../figure.ts';
import { writeWhole } from '../files/write-whole.ts';
import { sha256OfJson } from '../training/fingerprint.ts';
import { type Study, studySchema } from './schema.ts';
import { commandLine } from '../command-line.ts';

const ENDING = '.study.json';

/** Where an iteration's study goes: WASM's, the committed evidence, without a backend in the name. */
export function studyFile(id: string, backend: string): string {
  return `${id}${backend === 'wasm' ? '' : `.${backend}`}${ENDING}`;
}

/** The study files in `folder` and below it, in order; none where the folder does not exist. */
export function studyFilesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ENDING))
    .map((file) => path.join(folder, file))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The study with its runs by seed and its seal: a hash over everything else in it. */
export function sealStudy(study: Omit<Study, 'seal'>): Study {
  const runs = study.runs.toSorted((a, b) => a.seed - b.seed);
  // Through JSON, so that the hash is of what a reader of the file sees.
  const plain = JSON.parse(JSON.stringify(toPlain({ ...study, runs }))) as object;
  return studySchema.parse({ ...plain, seal: sha256OfJson(plain) });
}

/** The study in `file`, undefined where there is none. Throws GateError where it is not JSON, has not the form, or was changed after it was written. */
export function readStudy(file: string): Study | undefined {
  if (!existsSync(file)) return undefined;
  return parseStudy(readText(file), file);
}

/** The study in `text`; `where` names it in errors, which are as for `readStudy`. */
export function parseStudy(text: string, where: string): Study {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new GateError(`${where}: not JSON (${messageOf(error)}). ${anew(where)}`);
  }
  const parsed = studySchema.safeParse(json);
  if (!parsed.success) {
    throw new GateError(`${where}: not a study (${z.prettifyError(parsed.error)}). ${anew(where)}`);
  }
  const { seal, ...rest } = parsed.data;
  if (sha256OfJson(toPlain(rest)) !== seal) {
    throw new GateError(
      `${where}: the study was changed after it was written: its seal does not fit its figures. Restore it with git, or: ${anew(where)}`,
      ExitCode.missing,
    );
  }
  return parsed.data;
}

/** Writes the study, whole or not at all; gives back the file's path. */
export function writeStudy(folder: string, study: Study): string {
  const file = path.join(folder, studyFile(study.id, study.backend.name));
  writeWhole(file, studyText(study));
  return file;
}

/** A line a run: compact, and a difference of two studies shows which seeds differ. */
export function studyText(study: Study): string {
  const { runs, seal, ...head } = toPlain(study) as Record<string, unknown> & { runs: unknown[] };
  const lines = Object.entries(head).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`,
  );
  const runLines = runs.map((run) => JSON.stringify(run)).join(',\n');
  return `{\n${lines.join('\n')}\n"runs":[\n${runLines}\n],\n"seal":${JSON.stringify(seal)}\n}\n`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new GateError(`${file}: cannot be read (${messageOf(error)}). ${anew(file)}`);
  }
}

function anew(file: string): string {
  return `\`${commandLine(`study ${path.basename(file).split('-', 1)[0]} --fresh`)}\` trains it anew.`;
}
