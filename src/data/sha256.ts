import { hash } from 'node:crypto';

/** SHA-256 of `bytes` in hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}

/**
 * One SHA-256 for several: of their hexadecimal digests, a line each, so that a shell agrees:
 * `sha256sum FILES | cut -d' ' -f1 | sha256sum`.
 */
export function combinedSha256(digests: readonly string[]): string {
  return sha256Of(Buffer.from(digests.map((digest) => `${digest}\n`).join('')));
}
