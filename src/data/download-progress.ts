import { Presets, SingleBar } from 'cli-progress';

/** One file after the other. */
export interface DownloadProgress {
  readonly start: (what: string, bytes: number | undefined) => void;
  readonly advance: (bytes: number) => void;
  readonly stop: () => void;
}

/** A bar on a terminal, a plain line a file elsewhere. */
export function downloadProgress(stream: NodeJS.WriteStream = process.stderr): DownloadProgress {
  return stream.isTTY ? bar(stream) : lines(stream);
}

function bar(stream: NodeJS.WriteStream): DownloadProgress {
  const format = '{bar} {percentage} % of {total} bytes, {eta_formatted} left: {what}';
  const shown = new SingleBar({ format, stream, hideCursor: true }, Presets.shades_classic);
  return {
    start: (what, bytes) => shown.start(bytes ?? 0, 0, { what }),
    advance: (bytes) => shown.increment(bytes),
    stop: () => shown.stop(),
  };
}

function lines(stream: NodeJS.WriteStream): DownloadProgress {
  return {
    start: (what, bytes) =>
      void stream.write(`downloading ${what}${bytes === undefined ? '' : `, ${bytes} bytes`}\n`),
    advance: () => undefined,
    stop: () => undefined,
  };
}
