#!/usr/bin/env node
import { ExitCode } from '../errors.ts';
import { projectVersion, nodeProblem } from '../training/versions.ts';

// Loaded once Node is known to be new enough: an older one does not get through the imports.
const tooOld = nodeProblem(process.versions.node);
if (tooOld === undefined) {
  const [{ commands }, { runCommands }] = await Promise.all([
    import('../commands/index.ts'),
    import('../cli/run.ts'),
  ]);
  await runCommands('codecodecode', projectVersion, commands, process.argv.slice(2));
} else {
  process.stderr.write(`${tooOld}\n`);
  process.exitCode = ExitCode.infrastructure;
}
