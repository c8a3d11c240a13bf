import type { ExitCode } from '../errors.ts';

/** Raises, never lowers, the exit code of this process. */
export type RaiseExitCode = (code: ExitCode) => void;

/**
 * Says the exit code now, and once more as the process ends: what a teardown, or a listener that was there before, makes of
 * it in between does not count. (Whoever comes later still can; the judge outside is for that.)
 */
export function exitGuard(): RaiseExitCode {
  let worst: ExitCode | undefined;
  const say = () => {
    process.exitCode = Math.max(Number(process.exitCode ?? 0), worst ?? 0);
  };
  return (code) => {
    if (worst === undefined) process.on('exit', say);
    worst = worst === undefined || code > worst ? code : worst;
    say();
  };
}
