import { isDeepStrictEqual } from 'node:util';
import { ExitCode, GateError } from '../errors.ts';
import type { Study, StudyRun } from './schema.ts';
import { sealStudy } from './store.ts';
import { commandLine } from '../command-line.ts';

/**
 * One study out of several of one iteration, such as the slices that the legs of a matrix made. Throws GateError where they
 * are of another network, recipe, data, engine or backend, or where two have a run of one seed that is not the same. Pure.
 */
export function mergeStudies(studies: readonly Study[]): Study {
  const [first, ...others] = studies;
  if (first === undefined) throw new GateError('There are no studies to merge.', ExitCode.missing);
  const other = others.find(
    (study) =>
      study.id !== first.id ||
      study.fingerprint !== first.fingerprint ||
      study.backend.name !== first.backend.name,
  );
  if (other) {
    throw new GateError(
      `The studies of ${first.id} and ${other.id} cannot be one: they differ in iteration, network, recipe, data, engine or backend. Merge what was trained from one commit.`,
      ExitCode.missing,
    );
  }
  const runs = new Map<number, StudyRun>();
  for (const run of studies.flatMap((study) => study.runs)) {
    const before = runs.get(run.seed);
    if (before && !isDeepStrictEqual(withoutSeconds(before), withoutSeconds(run))) {
      throw new GateError(
        `${first.id}, seed ${run.seed}: two runs of it were handed over, and they differ. Find out which machine is wrong: \`${commandLine('replay')}\`.`,
        ExitCode.missing,
      );
    }
    runs.set(run.seed, before ?? run);
  }
  const { seal: _, ...head } = first;
  return sealStudy({ ...head, runs: [...runs.values()] });
}

function withoutSeconds({ seconds: _, ...rest }: StudyRun): Omit<StudyRun, 'seconds'> {
  return rest;
}
