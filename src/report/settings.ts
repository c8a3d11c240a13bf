import { REPORTS_FOLDER } from './files.ts';

export interface GateReporterOptions {
  /** Where index.html, summary.md and summary.json go, from the project's root. Default: reports. */
  readonly folder?: string;
  /** Print the rows of green iterations, too. Default: the environment's GATE_VERBOSE. */
  readonly verbose?: boolean;
  /** A git revision to compare with, where the environment names none in GATE_BASE; none: no comparison. */
  readonly base?: string;
  /** Beside the process's: what it asks for (CI, GATE_BASE, GATE_SCOPE) is not taken back. Read by `publish`, too. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What a run of the gate is asked for. */
export interface Settings {
  readonly folder: string;
  readonly base: string | undefined;
  readonly ci: boolean;
  readonly scope: string | undefined;
  readonly verbose: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** As it was before a configuration could set it: imports run first. */
const ENVIRONMENT = { ...process.env };

/** A configuration may add to what the environment asks for, and take nothing away: neither CI nor a base, nor what is owed. */
export function settingsOf({
  folder = REPORTS_FOLDER,
  base,
  env = {},
  verbose,
}: GateReporterOptions): Settings {
  return {
    folder,
    base: ENVIRONMENT['GATE_BASE'] ?? base ?? env['GATE_BASE'],
    ci: isSet(ENVIRONMENT['CI']) || isSet(env['CI']),
    scope: ENVIRONMENT['GATE_SCOPE'],
    verbose: verbose ?? isSet(env['GATE_VERBOSE'] ?? ENVIRONMENT['GATE_VERBOSE']),
    env: { ...ENVIRONMENT, ...env },
  };
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '' && variable !== 'false' && variable !== '0';
}
