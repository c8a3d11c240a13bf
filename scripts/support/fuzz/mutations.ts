import * as fc from 'fast-check';

/** Inputs near to a good one: most of what is wrong in the world is nearly right. */

/** `bytes` as they are, with bytes changed, a part cut out, doubled or put in; now and then something else altogether. */
export function nearBytes(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(bytes.length);
  const spliced = fc
    .tuple(place, fc.nat(40), fc.uint8Array({ maxLength: 40 }))
    .map(([at, cut, put]) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]));
  const doubled = fc
    .tuple(place, fc.nat(64))
    .map(([at, length]) => Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]));
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(bytes) },
    { weight: 6, arbitrary: oneByteChanged(bytes) },
    { weight: 3, arbitrary: spliced },
    { weight: 1, arbitrary: doubled },
    { weight: 2, arbitrary: place.map((end) => bytes.subarray(0, end)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

/** Exactly one of `bytes` is another. */
export function oneByteChanged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
    const changed = Uint8Array.from(bytes);
    changed[at] = changed[at]! ^ by;
    return changed;
  });
}

/** What programs trip over. */
const NASTY = fc.constantFrom<unknown>(
  null,
  true,
  '',
  ' ',
  -1,
  0.5,
  1e308,
  -0,
  2 ** 53,
  [],
  {},
  [[]],
  'NaN',
  'Infinity',
  '__proto__',
  '../x',
  '\u0000',
  'ä',
  '::error::',
);
const KEYS = ['__proto__', 'constructor', 'toString', 'onShar', 'x', ''];

/** JSON text near to that of `value`: a value replaced, a key taken out or put in, characters changed, or something else altogether. */
export function nearJson(value: unknown): fc.Arbitrary<string> {
  const text = JSON.stringify(value);
  return fc.oneof(
    { weight: 8, arbitrary: changedValue(value).map((changed) => JSON.stringify(changed)) },
    {
      weight: 5,
      arbitrary: nearBytes(Buffer.from(text)).map((bytes) => Buffer.from(bytes).toString('utf8')),
    },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '',
        'null',
        '[]',
        '{}',
        '\ufeff{}',
        '['.repeat(5_000),
        `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
      ),
    },
  );
}

/** `value` with something in it replaced, taken out or put in. */
export function changedValue(value: unknown): fc.Arbitrary<unknown> {
  const put = fc.oneof(NASTY, fc.jsonValue());
  return fc
    .tuple(fc.nat(), fc.constantFrom('replace', 'remove', 'add'), put, fc.constantFrom(...KEYS))
    .map(([seed, how, other, key]) => {
      const copy: unknown = JSON.parse(JSON.stringify(value));
      const holders = holdersIn(copy);
      const holder = holders[seed % Math.max(1, holders.length)];
      if (holder === undefined) return other;
      const keys = Object.keys(holder);
      const at = keys[Math.floor(seed / holders.length) % Math.max(1, keys.length)];
      if (how === 'add' || at === undefined)
        define(holder, Array.isArray(holder) ? String(holder.length) : key, other);
      else if (how === 'remove' && Array.isArray(holder)) holder.splice(Number(at), 1);
      else if (how === 'remove') Reflect.deleteProperty(holder, at);
      else define(holder, at, other);
      return copy;
    });
}

/** Also `__proto__` as a key like any other, as JSON has it. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Every list and object in a value, itself included. */
function holdersIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(holdersIn)];
}
