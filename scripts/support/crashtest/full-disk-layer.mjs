import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Plays a disk that takes so many bytes more of what is written through descriptors: then a part of a file, and an error. */
let left = Number(process.env['FREE_BYTES']);
const { writeFileSync } = fs;

/** @type {typeof fs.writeFileSync} */
fs.writeFileSync = (file, content, options) => {
  if (typeof file !== 'number') return writeFileSync(file, content, options);
  const bytes =
    typeof content === 'string' ? Buffer.from(content) : Buffer.from(/** @type {Uint8Array} */ (content));
  writeFileSync(file, bytes.subarray(0, Math.max(0, left)), options);
  left -= bytes.length;
  if (left < 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};
syncBuiltinESMExports();
