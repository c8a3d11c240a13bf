import pc from 'picocolors';
import wrapAnsi from 'wrap-ansi';

/** Help is laid out for this many columns, and for fewer where the terminal has fewer. */
const HELP_COLUMNS = 80;
/** Below that, words would stand alone in their lines: a terminal breaks the lines itself. */
const FEWEST_COLUMNS = 20;

/** Prints a text to standard output; on a terminal that is too narrow, lines break between words. */
export function print(text: string): void {
  const { isTTY, columns } = process.stdout;
  console.log(isTTY && columns >= FEWEST_COLUMNS ? wrapAnsi(text, columns, { trim: false }) : text);
}

/** Prints what went wrong to standard error, in red where there are colours (none with NO_COLOR). */
export function printError(message: string): void {
  console.error(pc.red(message));
}

export function helpColumns(stream: NodeJS.WriteStream = process.stdout): number {
  return Math.min(stream.columns || HELP_COLUMNS, HELP_COLUMNS);
}

/** A reader that has seen enough (`| head -1`) is no fault: what is left is written to nobody, and the exit code stays true. */
export function toleratePipesThatClose(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
