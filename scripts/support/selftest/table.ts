import { format } from 'prettier';
import { markdownTable } from '../../../src/report/text.ts';
import { BASES, type BaseName, type Mutant } from './mutant.ts';

/** docs/selftest.md out of the mutants; written only after a run in which every one was caught. */
export async function tableOf(mutants: readonly Mutant[]): Promise<string> {
  const bases = Object.keys(BASES) as BaseName[];
  const sections = bases.map((base) => {
    const rows = mutants
      .filter((mutant) => mutant.base === base)
      .map(({ name, breaks, exitCode, says }) => [name, breaks, String(exitCode), says]);
    return `## ${base}\n\nUnbroken: ${BASES[base].about}: green, exit code 0.\n\n${markdownTable(['mutant', 'what it breaks', 'exit code', 'what the gate says'], rows)}`;
  });
  const text = `# The gate, broken on purpose

\`npm run selftest\` breaks ${mutants.length} copies of the project, one way each, runs the gate on each copy, and demands the exit code
and the words below. The same gate must be green on the unbroken copy, and must not say those words there: a mutant that
is red for another reason than its own counts as escaped. This file is written by that command after a run in which
every mutant was caught; do not edit it.

${sections.join('\n\n')}
`;
  return format(text, { parser: 'markdown' });
}
