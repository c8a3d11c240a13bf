/**
 * A mistake that a user can make, told as one message: what is wrong, what was expected, what was found, and
 * what to do. Entry points print `message` without a stack trace and leave with `exitCode`.
 */
export class GateError extends Error {
  override readonly name = 'GateError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = ExitCode.infrastructure) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Exit codes of every command of this project; when several apply, the highest number wins. */
export const ExitCode = {
  ok: 0,
  targetFailed: 1,
  regression: 2,
  missing: 3,
  infrastructure: 4,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** One line for a person out of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
