import progressBars, { type MultiBar, type Options, type Params } from 'cli-progress';
import { epochLine, lineProgress, type Measured } from './progress.ts';
import type { Progress } from './train.ts';

/** Told of a training while it goes on, and to be ended whatever becomes of it. */
export interface TrainingDisplay extends Progress {
  end(): void;
}

export interface DisplayOptions {
  /** For a log; a terminal is told once, before. */
  readonly name: string;
  readonly epochs: number;
  readonly measured?: Measured;
  /** Where the bar goes. */
  readonly stream?: NodeJS.WriteStream;
}

/** The training loop leaves no time for timers: the bar is drawn between two steps, this often. */
const MILLISECONDS_A_DRAWING = 100;
const BAR_MOST = 40;
const BAR_LEAST = 5;
/** Steps over which the pace is taken: about an epoch, so that measuring counts, too. */
const STEPS_OF_PACE = 1_000;
const COLUMNS = 80;

/** A line an epoch that stays; on a terminal, a bar below it with the time that is left of the whole run. */
export function trainingDisplay({
  name,
  epochs,
  measured = 'test',
  stream = process.stderr,
}: DisplayOptions): TrainingDisplay {
  if (!stream.isTTY) return { ...lineProgress(name, epochs, { measured }), end: () => undefined };
  // The cursor stays and lines wrap as ever: whenever the process dies, by whatever signal, there is nothing to put right.
  const bars = new progressBars.MultiBar(
    {
      stream,
      format: barLine,
      hideCursor: false,
      linewrap: true,
      clearOnComplete: true,
      etaBuffer: STEPS_OF_PACE,
    },
    progressBars.Presets.shades_classic,
  );
  let bar: ReturnType<MultiBar['create']> | undefined;
  let drawn = 0;
  return {
    onStep(done, total) {
      // A run that goes on after an interruption has done the steps before: they count in no pace.
      bar ??= bars.create(total, done - 1, {});
      bar.update(done);
      if (performance.now() - drawn < MILLISECONDS_A_DRAWING) return;
      bars.update();
      drawn = performance.now();
    },
    onEpoch(row) {
      bars.log(`${epochLine(row, epochs, measured)}\n`);
      bars.update();
    },
    onNotice: (line) => void bars.log(`${line}\n`),
    onResume: (done) => void bars.log(`goes on after epoch ${done.length} of ${epochs}\n`),
    end: () => bars.stop(),
  };
}

/** "████░░░░ 43 %, 1m12s left", in the columns that there are now. */
function barLine(options: Options, { progress, value, eta }: Params): string {
  const { stream } = options;
  const left =
    value === 0 || !Number.isFinite(eta) ? '' : `, ${progressBars.Format.TimeFormat(eta, options, 1)} left`;
  const words = ` ${Math.floor(100 * progress)} %${left}`;
  const columns = (stream as NodeJS.WriteStream | undefined)?.columns ?? COLUMNS;
  const barsize = Math.min(BAR_MOST, Math.max(BAR_LEAST, columns - words.length - 1));
  return progressBars.Format.BarFormat(progress, { ...options, barsize }) + words;
}
