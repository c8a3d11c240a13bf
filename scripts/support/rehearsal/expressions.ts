import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { truthy } from '@actions/expressions/result';
import { GateError, messageOf } from '../../../src/errors.ts';

/** What expressions can refer to: `matrix`, `needs`, `steps`, `runner`, ... */
export type Contexts = Readonly<Record<string, unknown>>;

/** How the steps or jobs before have gone. */
export interface Progress {
  readonly failed: boolean;
}

/** A text with its `${{ }}` replaced, by GitHub's own evaluator. */
export function fill(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression, contexts, { failed: false }).coerceString(),
  );
}

/** The value of a text that is one `${{ }}`, as plain data. */
export function valueOf(text: string, contexts: Contexts): unknown {
  return JSON.parse(toJson(evaluate(inner(text), contexts, { failed: false })));
}

/** A job's or step's `if`: without one, and in one without a status function, nothing before may have failed. */
export function holds(condition: string | undefined, contexts: Contexts, progress: Progress): boolean {
  const expression = condition === undefined ? 'success()' : inner(condition);
  const asksStatus = /\b(?:always|cancelled|failure|success)\s*\(/.test(expression);
  const value = evaluate(asksStatus ? expression : `success() && (${expression})`, contexts, progress);
  return truthy(value);
}

function inner(text: string): string {
  return /^\s*\$\{\{(.*)\}\}\s*$/s.exec(text)?.[1] ?? text;
}

function evaluate(expression: string, contexts: Contexts, { failed }: Progress): data.ExpressionData {
  const status = { always: true, cancelled: false, failure: failed, success: !failed };
  const functions: FunctionDefinition[] = Object.entries(status).map(([name, value]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  }));
  try {
    const { tokens } = new Lexer(expression).lex();
    const tree = new Parser(tokens, Object.keys(contexts), functions).parse();
    const known = new Map(functions.map((definition) => [definition.name, definition]));
    return new Evaluator(tree, fromJson(contexts) as data.Dictionary, known).evaluate();
  } catch (error) {
    throw new GateError(`\${{${expression}}} cannot be rehearsed: ${messageOf(error)}`);
  }
}

function fromJson(value: unknown): data.ExpressionData {
  return JSON.parse(JSON.stringify(value), data.reviver) as data.ExpressionData;
}

function toJson(value: data.ExpressionData): string {
  return JSON.stringify(value, data.replacer);
}
