import { Presets, SingleBar } from 'cli-progress';

/** Without a terminal a line is written no more often than this. */
const LINE_INTERVAL_MS = 10_000;

/** Follows one part of the benchmark: a bar with the time left on a terminal, else a line now and then. */
export interface Part {
  update(done: number, total: number): void;
  end(): void;
}

export function beginPart(name: string, stream: NodeJS.WriteStream = process.stderr): Part {
  return stream.isTTY ? barPart(name, stream) : linePart(name, stream);
}

function barPart(name: string, stream: NodeJS.WriteStream): Part {
  const bar = new SingleBar(
    { format: `${name}  {bar} {percentage} %  {eta_formatted} left`, stream, clearOnComplete: true },
    Presets.shades_classic,
  );
  bar.start(1, 0);
  return {
    update(done, total) {
      bar.setTotal(total);
      bar.update(done);
    },
    end: () => bar.stop(),
  };
}

function linePart(name: string, stream: NodeJS.WriteStream): Part {
  let last = performance.now();
  stream.write(`${name} ...\n`);
  return {
    update(done, total) {
      if (performance.now() - last < LINE_INTERVAL_MS) return;
      last = performance.now();
      stream.write(`${name}: ${done} of ${total}\n`);
    },
    end: () => undefined,
  };
}
