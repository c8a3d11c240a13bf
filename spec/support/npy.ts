/** A .npy file as np.save writes it, in version 1 of the format. */
export function npyOf(
  dims: readonly number[],
  values: Uint8Array,
  { type = '|u1', order = 'False' }: { readonly type?: string; readonly order?: 'True' | 'False' } = {},
): Uint8Array {
  const shape = dims.length === 1 ? `${dims[0]},` : dims.join(', ');
  const dictionary = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape}), }`;
  // Blanks, so that the numbers begin at a multiple of 64.
  const header = dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11) + '\n';
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([start, Buffer.from(header, 'latin1'), values]);
}
