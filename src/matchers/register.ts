import { expect } from 'vitest';
import { matchers } from './matchers.ts';

/** Gives `expect` this project's matchers; for `setupFiles`, or imported at the top of a spec. */
expect.extend(matchers);

// Named again so that the declaration file of this one carries the types of the matchers with it.
export { matchers };
