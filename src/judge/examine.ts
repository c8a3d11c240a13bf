import { createHash } from 'node:crypto';
import path from 'node:path';
import type { CommittedProject, CommittedRecord } from '../base/project.ts';
import { ExitCode, GateError, messageOf } from '../errors.ts';
import type { RunRecord } from '../record.ts';
import { recordFile, sealed } from '../training/store.ts';
import { describeDifference, differences } from './differences.ts';
import type { Finding } from './finding.ts';
import type { Measured } from './measure.ts';
import type { Replay } from './replay.ts';

/** How far a record was gone after, in rising order of strength. */
export type Backing = 'recorded' | 're-evaluated' | 'replayed';

/** A record of the head, after the judge has looked at it. */
export interface Examined {
  readonly file: string;
  readonly record: RunRecord;
  readonly backing: Backing;
  /** One line: what was measured, or why not. */
  readonly note: string;
  /** Empty: all of it that could be checked holds. */
  readonly findings: readonly Finding[];
}

export interface ExamineMeans {
  /** Measures a record's weights again; throws GateError where that cannot be done. */
  readonly measure: (record: RunRecord, weights: Uint8Array) => Promise<Measured>;
  readonly replay: Replay;
  /** Whether this one is trained again. */
  readonly chosen: boolean;
  /** Whether the base has a record of the same run: then another engine is a change that can be acknowledged. */
  readonly known: boolean;
}

/** On other arithmetic than the record's a few images on the brink may tip over. */
const IMAGES_TOLERATED_ELSEWHERE = 2;
/** What a replay may not repeat: the machine, and by whom and when it was trained. */
const CIRCUMSTANCES = /^(seconds|threads|seal|versions|backend\.reason|epochs\[\d+\]\.seconds)$/;

/** Checks one record against its file, its weights, the judge's data and, where it is chosen, a training run of the judge's own. */
export async function examine(
  head: CommittedProject,
  { file, record }: CommittedRecord,
  means: ExamineMeans,
): Promise<Examined> {
  const findings: Finding[] = [];
  // What cannot be checked does not count, whatever the reason.
  const tell = (cause: string) =>
    void findings.push({ iteration: record.id, cause: `${file}: ${cause}`, exitCode: ExitCode.missing });
  let backing: Backing = 'recorded';
  let note = 'not measured';
  try {
    checkSeal(record);
    checkNames(file, record);
    const weights = await weightsOf(head, file, record);
    const measured = await means.measure(record, weights);
    for (const text of contradictions(record, measured)) tell(text);
    if (measured.otherEngine !== undefined && !means.known) {
      tell(
        `it was trained by ${engineOf(record)}, where this judge computes with ${measured.otherEngine}: it cannot be trained again here. Merge the engine first, then the record.`,
      );
    }
    const how = measured.exact
      ? 'measured again'
      : `trained by ${engineOf(record)}, measured again by another`;
    note = `${measured.testCorrect} of ${measured.data.test} test inputs correct, ${how}`;
    backing = 're-evaluated';
    // What contradicts itself already is not worth a training run.
    if (means.chosen && measured.exact && findings.length === 0) {
      const replayed = await means.replay(record);
      if (replayed.outcome === 'equal') {
        for (const text of notRepeated(record, replayed.run.record)) tell(text);
        backing = 'replayed';
        note = `trained again, equal to the bit: ${note}`;
      } else if (replayed.outcome === 'parted') {
        const where = replayed.epoch === undefined ? 'after its last epoch' : `at epoch ${replayed.epoch}`;
        tell(`trained again, it parts from the record ${where}: ${replayed.what}`);
      } else if (record.network.form === 'layers') {
        tell(`it cannot be trained again: ${replayed.reason}`);
      } else {
        note += `; its earlier epochs and train figures are believed: ${replayed.reason}`;
      }
    }
  } catch (error) {
    tell(messageOf(error));
  }
  return { file, record, backing, note, findings };
}

function checkSeal({ seal, ...rest }: RunRecord): void {
  if (sealed(rest).seal === seal) return;
  throw refused('it was changed after it was written: its seal does not fit its figures');
}

/** A record must lie where its id, seed and backend say, so that none can stand in for another. */
function checkNames(file: string, record: RunRecord): void {
  const expected = recordFile(record.id, record.seed, record.backend.name);
  if (path.posix.basename(file) !== expected) {
    throw refused(
      `it says that it is ${record.id}, seed ${record.seed} on ${record.backend.name}: expected the name ${expected}`,
    );
  }
  const weights = record.weights.file;
  if (weights !== path.posix.basename(weights) || !weights.startsWith(expected.replace(/json$/, ''))) {
    throw refused(
      `its weights are "${weights}": expected a file beside it that begins with ${expected.replace(/json$/, '')}`,
    );
  }
}

async function weightsOf(head: CommittedProject, file: string, record: RunRecord): Promise<Uint8Array> {
  const bytes = await head.tree.read(path.posix.join(path.posix.dirname(file), record.weights.file));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === record.weights.sha256) return bytes;
  throw refused(
    `${record.weights.file} are not the weights of the record: expected SHA-256 ${record.weights.sha256.slice(0, 12)}, found ${found.slice(0, 12)}`,
  );
}

/** What the record says otherwise than it was measured just now. */
function contradictions(record: RunRecord, measured: Measured): string[] {
  const { testCorrect, testLoss, exact, otherEngine: _, confusion, deadChannels, ...follows } = measured;
  const last = record.epochs.at(-1)!;
  const said = Object.fromEntries(Object.keys(follows).map((key) => [key, record[key as keyof RunRecord]]));
  const found = differences(said, follows).map(describeDifference);
  if (exact) {
    const exactly = { confusion, deadChannels, testCorrect, testLoss };
    const claimed = {
      confusion: record.confusion,
      deadChannels: record.deadChannels,
      testCorrect: last.testCorrect,
      testLoss: last.testLoss,
    };
    found.push(...differences(claimed, exactly).map(describeDifference));
  } else if (Math.abs(last.testCorrect - testCorrect) > IMAGES_TOLERATED_ELSEWHERE) {
    found.push(`testCorrect says ${last.testCorrect}, measured just now: ${testCorrect}`);
  }
  return found.slice(0, MOST_CONTRADICTIONS);
}

/** Enough for a person to see what is up. */
const MOST_CONTRADICTIONS = 3;

function notRepeated(record: RunRecord, again: RunRecord): string[] {
  return differences(record, again, (where) => CIRCUMSTANCES.test(where))
    .slice(0, MOST_CONTRADICTIONS)
    .map((difference) => `trained again, ${describeDifference(difference)}`);
}

function engineOf({ engine, backend }: RunRecord): string {
  return `${engine.name} ${engine.version} on ${backend.name}`;
}

function refused(message: string): GateError {
  return new GateError(message, ExitCode.missing);
}
