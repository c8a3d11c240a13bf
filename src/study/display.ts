import { Presets, SingleBar } from 'cli-progress';
import { describeProgress, type StudyProgress } from './progress.ts';

/** Shows how far a study is: a bar on a terminal, else a line a run. */
export interface Display {
  show(progress: StudyProgress): void;
  /** A line that stays. */
  say(line: string): void;
  end(): void;
}

/** Seconds are counted from now on. */
export function startDisplay(stream: NodeJS.WriteStream = process.stderr): Display {
  const start = performance.now();
  const text = (progress: StudyProgress) => describeProgress(progress, (performance.now() - start) / 1000);
  return stream.isTTY ? barDisplay(text, stream) : lineDisplay(text);
}

function barDisplay(text: (progress: StudyProgress) => string, stream: NodeJS.WriteStream): Display {
  const bar = new SingleBar(
    { format: '{bar} {text}', stream, barsize: 20, hideCursor: true, gracefulExit: true },
    Presets.shades_classic,
  );
  let isStarted = false;
  let latest: StudyProgress | undefined;
  const show = (progress: StudyProgress) => {
    latest = progress;
    const { runs, epochs, epochsDone } = progress;
    if (!isStarted) bar.start(runs * epochs, 0, { text: '' });
    isStarted = true;
    bar.update(epochsDone, { text: text(progress) });
  };
  return {
    show,
    say(line) {
      if (isStarted) bar.stop();
      isStarted = false;
      console.log(line);
      if (latest) show(latest);
    },
    end: () => bar.stop(),
  };
}

function lineDisplay(text: (progress: StudyProgress) => string): Display {
  let finished = 0;
  return {
    show(progress) {
      const now = progress.runsDone + progress.failed;
      if (now === finished) return;
      finished = now;
      console.log(text(progress));
    },
    say: (line) => console.log(line),
    end: () => undefined,
  };
}
