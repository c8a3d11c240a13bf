/**
 * Gives Vitest's `expect` the matchers of this project (see GateMatchers): import it at the top of a spec, or name it in `setupFiles`.
 *
 * @module codecodecode/matchers
 */

import { expect } from 'vitest';
import { matchers } from './matchers.ts';

expect.extend(matchers);

// Named again so that the declaration file of this one carries the types of the matchers with it.
export { matchers };
