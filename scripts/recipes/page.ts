import { format } from 'prettier';
import { GateError } from '../../src/errors.ts';
import type { RecipeLog } from './log.ts';
import { recipeTables } from './table.ts';

const BEGIN = '<!-- recipes:begin -->';
const END = '<!-- recipes:end -->';

/** The page with what is between its markers made anew from the log, laid out as Prettier has it; all else stays. Pure. */
export async function withTables(page: string, log: RecipeLog): Promise<string> {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) {
    throw new GateError(`docs/recipes.md needs the lines "${BEGIN}" and "${END}", in this order.`);
  }
  const made = `${page.slice(0, begin)}${BEGIN}\n\n${recipeTables(log)}\n\n${page.slice(end)}`;
  return format(made, { parser: 'markdown' });
}
