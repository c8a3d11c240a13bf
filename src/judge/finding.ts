import type { ExitCode } from '../errors.ts';

/** Something that the judge found and that makes it red, beside the rows of targets. Plain data. */
export interface Finding {
  /** Whose; absent: of the whole project. */
  readonly iteration?: string;
  /** One line: what was found, where, and what was expected. */
  readonly cause: string;
  readonly exitCode: ExitCode;
}
