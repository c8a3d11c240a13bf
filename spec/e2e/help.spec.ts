import { describe, expect, test } from 'vitest';
import { programOf } from '../../src/cli/run.ts';
import { commands } from '../../src/commands/index.ts';

const COLUMNS = 80;
const helpOf = async (...argv: readonly string[]) => {
  let text = '';
  const program = await programOf('codecodecode', '1.2.3', commands, argv);
  const command = program.commands.find((each) => each.name() === argv[0]) ?? program;
  command.configureOutput({ writeOut: (more) => (text += more) });
  command.outputHelp();
  return text;
};

describe('codecodecode --help', { timeout: 60_000 }, () => {
  test('lists every command with what it does, and the exit codes, in 80 columns', async () => {
    const help = await helpOf();
    for (const [name, { summary }] of Object.entries(commands)) {
      expect(help.replaceAll(/\s+/g, ' ')).toContain(`${name} ${summary}`);
    }
    expect(help).toContain('Exit codes: 0 done');
    expect(longestLine(help)).toBeLessThanOrEqual(COLUMNS);
  });

  test.each(Object.keys(commands))('%s --help says what it is for, in 80 columns', async (name) => {
    const help = await helpOf(name);
    const [usage, description] = help.split('\n\n');
    expect(usage).toMatch(new RegExp(`^Usage: codecodecode ${name}\\b`));
    expect(description).toMatch(/^[A-Z]/);
    expect(description).not.toMatch(/^(?:Arguments|Options):/);
    expect(help).toContain('Exit codes: 0 done');
    expect(longestLine(help)).toBeLessThanOrEqual(COLUMNS);
  });
});

function longestLine(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}
