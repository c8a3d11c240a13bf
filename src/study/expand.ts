import type { Epoch, RunRecord } from '../record.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { learningRate } from '../recipe/schedule.ts';
import { known, valueOr } from '../fact.ts';
import { sealed } from '../training/store.ts';
import { mistakesByClass } from './audit.ts';
import type { Study, StudyRun } from './schema.ts';

/**
 * The runs of a study as records, as gates read them: what is the same for all seeds is taken from `record`, the full one
 * of one seed (with the study's fingerprint). Their weights are known by hash alone. Pure.
 */
export function recordsOf(study: Study, record: RunRecord): RunRecord[] {
  return study.runs.map((run) => (run.seed === record.seed ? record : recordOf(run, study, record)));
}

function recordOf(run: StudyRun, study: Study, record: RunRecord): RunRecord {
  const { seal: _, ...shared } = record;
  const probe = valueOr(record.deadChannels, undefined);
  return sealed({
    ...shared,
    seed: run.seed,
    epochs: epochsOf(run, study, record.recipe as unknown as Recipe),
    confusion: confusionOf(run, record),
    deadChannels: probe ? known({ ...probe, dead: [...run.dead] }) : record.deadChannels,
    seconds: run.seconds.reduce((sum, seconds) => sum + seconds, 0),
    weights: { ...record.weights, file: '', sha256: run.weights.at(-1)! },
  });
}

function epochsOf(run: StudyRun, { data }: Study, recipe: Recipe): Epoch[] {
  const { validation } = run;
  const trained = data.train - (validation?.total ?? 0);
  const steps = Math.ceil(trained / recipe.batch);
  return run.testCorrect.map((testCorrect, i) => ({
    epoch: i + 1,
    // Of the epoch's last step.
    learningRate: learningRate(recipe, (i * steps + steps - 1) / steps, validation?.loss.slice(0, i) ?? []),
    trainCorrect: run.trainCorrect[i]!,
    trainTotal: trained,
    trainLoss: run.trainLoss[i]!,
    ...(validation && {
      validationCorrect: validation.correct[i]!,
      validationTotal: validation.total,
      validationLoss: validation.loss[i]!,
    }),
    testCorrect,
    testTotal: data.test,
    testLoss: run.testLoss[i]!,
    seconds: run.seconds[i]!,
  }));
}

/** The mistakes, and on the diagonal what is left of each class. */
function confusionOf(run: StudyRun, record: RunRecord): number[][] {
  const counts = mistakesByClass(run, record.data.classes);
  return counts.map((row, is) => {
    const images = record.confusion[is]!.reduce((sum, count) => sum + count, 0);
    const wrong = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, read) => (is === read ? images - wrong : count));
  });
}
