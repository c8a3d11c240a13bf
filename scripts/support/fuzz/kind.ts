import * as fc from 'fast-check';
import { GateError } from '../../../src/errors.ts';

/** Something that is read from outside: how hostile inputs are made, what reads them, and when reading was right. */
export interface Kind {
  readonly name: string;
  /** Tries `runs` inputs drawn from `seed`. */
  readonly tryOut: (runs: number, seed: number) => Promise<Tally>;
}

export interface Tally {
  readonly inputs: number;
  /** Read, and what was read is what the input says. */
  readonly accepted: number;
  /** A GateError of one clear message. */
  readonly refused: number;
  /** The first input that came to something else, shrunk, with what it came to. */
  readonly fault?: { readonly what: FaultKind; readonly words: string };
}

export type FaultKind = 'crash' | 'hang' | 'wrong acceptance';

/** Reading a small input takes milliseconds. Of computing: on a busy machine any step may have to wait. */
const LONGEST_MS = 2_000;
/** Of an input as it is told; its seed gives the whole. */
const LONGEST_WORDS = 500;
/** Lines of a stack trace. */
const TRACE = /\n\s+at .*[:(]/;

class Fault extends Error {
  readonly what: FaultKind;

  constructor(what: FaultKind, message: string) {
    super(message);
    this.what = what;
  }
}

/** `isTrue`: what was read says what the input says. */
export function kindOf<Input, Value>(
  name: string,
  inputs: fc.Arbitrary<Input>,
  read: (input: Input) => Value | Promise<Value>,
  isTrue: (value: Value, input: Input) => boolean,
): Kind {
  return {
    name,
    async tryOut(runs, seed) {
      const tally = { inputs: 0, accepted: 0, refused: 0 };
      const property = fc.asyncProperty(inputs, async (input) => {
        tally.inputs++;
        tally[await readOne(input, read, isTrue)]++;
      });
      const {
        failed,
        counterexample,
        errorInstance: error,
      } = await fc.check(property, { numRuns: runs, seed });
      if (!failed) return tally;
      const what = error instanceof Fault ? error.what : 'crash';
      const words = `${error instanceof Error ? error.message : String(error)}, from ${fc.stringify(counterexample).slice(0, LONGEST_WORDS)}`;
      return { ...tally, fault: { what, words } };
    },
  };
}

async function readOne<Input, Value>(
  input: Input,
  read: (input: Input) => Value | Promise<Value>,
  isTrue: (value: Value, input: Input) => boolean,
): Promise<'accepted' | 'refused'> {
  const start = process.cpuUsage();
  let outcome: 'accepted' | 'refused' = 'accepted';
  try {
    const value = await read(input);
    if (!isTrue(value, input)) throw new Fault('wrong acceptance', `it was read as ${fc.stringify(value)}`);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (!(error instanceof GateError))
      throw new Fault('crash', error instanceof Error ? error.stack! : String(error));
    if (error.message.trim() === '' || TRACE.test(error.message)) {
      throw new Fault('crash', `its message is "${error.message}"`);
    }
    outcome = 'refused';
  }
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  if (ms > LONGEST_MS) throw new Fault('hang', `it took ${ms.toFixed(0)} ms`);
  return outcome;
}
