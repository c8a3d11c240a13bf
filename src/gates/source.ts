import { z } from 'zod';

/** What a test ran on, so that the blob of another commit is known for one. */
export const sourceSchema = z.object({
  /** Checked out; null: no repository. */
  commit: z.string().nullable(),
  /** SHA-256 of the lock's text; null: there is none. */
  lock: z.string().nullable(),
});
export type Source = z.infer<typeof sourceSchema>;
