import { format } from 'prettier';
import { betweenMarkers } from '../../src/report/markers.ts';
import type { RecipeLog } from './log.ts';
import { recipeTables } from './table.ts';

/** The page with what is between its markers made anew from the log, laid out as Prettier has it; all else stays. Pure. */
export async function withTables(page: string, log: RecipeLog): Promise<string> {
  const made = betweenMarkers('docs/recipes.md', page, recipeTables(log), 'recipes');
  return format(made, { parser: 'markdown' });
}
