/** Specs of networks import this for the matchers and their types. */
import '../../src/matchers/register.ts';
