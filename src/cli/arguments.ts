import { GateError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';

/** Readers of option values. Each gets the option's name, so that its message names what the person typed. */

/** Reads a whole number from `low` to `high`. */
export function wholeNumber(option: string, low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= low && value <= high) return value;
    throw new GateError(`${option} is "${text}", expected a whole number from ${low} to ${high}.`);
  };
}

/** Reads one of `choices`; says which of them is nearest to what was typed. */
export function oneOf<T extends string>(option: string, choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((each) => each === text);
    if (choice !== undefined) return choice;
    throw new GateError(
      `${option} is "${text}", expected one of ${choices.join(', ')}${didYouMean(text, choices)}`,
    );
  };
}

/** Reads a path, or anything else that must not be empty. */
export function nonEmpty(option: string, what: string): (text: string) => string {
  return (text) => {
    if (text !== '') return text;
    throw new GateError(`${option} is empty: expected ${what}.`);
  };
}
