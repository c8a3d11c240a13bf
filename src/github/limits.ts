/** What GitHub takes. */

/** Bytes of a step's summary; a larger one is refused as a whole. https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export const STEP_SUMMARY_BYTES = 1024 * 1024;
/** Characters of a comment. */
export const COMMENT_CHARACTERS = 65_536;
/** Annotations of one type that a step may leave; more are dropped without a word. */
export const ANNOTATIONS_PER_STEP = 10;

/** UTF-8 bytes of a text. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
