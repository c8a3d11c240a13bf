#!/usr/bin/env node
import { commands } from '../commands/index.ts';
import { runCommands } from '../cli/run.ts';
import { projectVersion } from '../training/versions.ts';

await runCommands('codecodecode', projectVersion, commands, process.argv.slice(2));
