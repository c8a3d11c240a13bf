import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { GateError, messageOf } from '../../src/errors.ts';

/** What was tried on the validation split, as data: a line a candidate, a line a run of one. */
export const LOG_FILE = 'docs/recipes.jsonl';

const candidateSchema = z.strictObject({
  candidate: z.string().min(1),
  /** Of the ladder: what it was tried for. */
  iteration: z.number().int().positive(),
  parameters: z.number().int().positive(),
  network: z.looseObject({ layers: z.array(z.looseObject({ type: z.string() })) }),
  recipe: z.looseObject({ epochs: z.number().int().positive() }),
});
export type Candidate = z.infer<typeof candidateSchema>;

const runSchema = z.strictObject({
  run: z.string().min(1),
  seed: z.number().int().nonnegative(),
  /** Version of the native engine's arithmetic. */
  engine: z.string(),
  /** Validation images right after each epoch, of 10,000. */
  correct: z.array(z.number().int().nonnegative()).min(1),
  loss: z.array(z.number()).min(1),
});
export type LoggedRun = z.infer<typeof runSchema>;

export interface RecipeLog {
  readonly candidates: readonly Candidate[];
  readonly runs: readonly LoggedRun[];
}

const lineSchema = z.union([candidateSchema, runSchema]);

/** Reads the log. Throws GateError naming the line that has another form, a run of no candidate, or one that is there twice. */
export function parseLog(text: string, where: string): RecipeLog {
  const lines = text
    .split('\n')
    .flatMap((line, i) => (line === '' ? [] : [parseLine(line, `${where}:${i + 1}`)]));
  const candidates = lines.filter((line) => 'candidate' in line);
  const runs = lines.filter((line) => 'run' in line);
  const names = candidates.map(({ candidate }) => candidate);
  const stray = runs.find(({ run }) => !names.includes(run));
  if (stray) throw new GateError(`${where}: a run of "${stray.run}", which is no candidate of the log.`);
  const keys = [...names, ...runs.map(({ run, seed }) => `${run}, seed ${seed}`)];
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice) throw new GateError(`${where}: "${twice}" is there twice.`);
  return { candidates, runs };
}

export function readLog(file = LOG_FILE): RecipeLog {
  return parseLog(readFileSync(file, 'utf8'), file);
}

function parseLine(line: string, where: string): Candidate | LoggedRun {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw new GateError(`${where}: not JSON (${messageOf(error)}).`);
  }
  const parsed = lineSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new GateError(`${where}: neither a candidate nor a run.`);
}
