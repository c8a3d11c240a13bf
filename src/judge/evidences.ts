import { ExitCode } from '../errors.ts';
import { undeclaredSeeds } from '../gates/declared-seeds.ts';
import type { Evidence } from '../record.ts';
import type { Backing, Examined } from './examine.ts';
import type { Finding } from './finding.ts';

const STRENGTH: Readonly<Record<Backing, number>> = { recorded: 0, 're-evaluated': 1, replayed: 2 };
/** The backend whose records are the committed evidence: anyone can repeat them to the bit. */
export const FIRST_BACKEND = 'wasm';

/** What is judged of each iteration that is promised, and what is wrong with the set of its runs. Pure. */
export function evidencesOf(
  examined: readonly Examined[],
  promised: readonly string[],
  /** Declared ones, by iteration. */
  seeds: Readonly<Record<string, string>>,
): { readonly evidences: readonly Evidence[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const evidences = promised.flatMap((id): Evidence[] => {
    const own = examined.filter(({ record }) => record.id === id);
    const tell = (cause: string) => void findings.push({ iteration: id, cause, exitCode: ExitCode.missing });
    const backends = new Set(own.map(({ record }) => record.backend.name));
    const backend = backends.has(FIRST_BACKEND) ? FIRST_BACKEND : [...backends][0];
    if (backends.size > 1 && backend !== FIRST_BACKEND) {
      tell(`its records are of ${[...backends].join(' and ')}: keep one backend, at best ${FIRST_BACKEND}`);
    }
    const runs = own
      .filter(({ record }) => record.backend.name === backend)
      .toSorted((a, b) => a.record.seed - b.record.seed);
    for (const [i, { record, file }] of runs.entries()) {
      if (record.seed === runs[i - 1]?.record.seed) tell(`${file}: seed ${record.seed} is there twice`);
    }
    if (backend !== FIRST_BACKEND && runs.some(({ record }) => record.network.form === 'layers')) {
      tell(`its records are of ${backend} alone, where nobody can repeat them: train it on ${FIRST_BACKEND}`);
    }
    const fingerprints = new Set(runs.map(({ record }) => record.fingerprint));
    if (fingerprints.size > 1)
      tell(`its ${runs.length} runs are of ${fingerprints.size} networks, recipes or data under one id`);
    for (const cause of undeclaredSeeds(
      runs.map(({ record }) => record.seed),
      seeds[id],
    ))
      tell(cause);
    const [first] = runs;
    if (!first) return [];
    const weakest = runs.reduce((a, b) => (STRENGTH[b.backing] < STRENGTH[a.backing] ? b : a));
    return [
      {
        id,
        name: first.record.name,
        runs: runs.map(({ record }) => record),
        provenance: weakest.backing,
        note: runs.map(({ record, note }) => `seed ${record.seed}: ${note}`).join('; '),
      },
    ];
  });
  return { evidences, findings };
}
