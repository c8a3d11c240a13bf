import { textTable } from '../../bench/text-table.ts';
import { TOLERANCE } from '../../../spec/corpus/agreement.ts';
import type { Row } from './rows.ts';

const HEADINGS = [
  'network',
  'parameters',
  'multiply-adds',
  'field before head',
  'field',
  'engine',
  'loss differs by',
];

/** One line a network: what was found, and what was published where that is another figure. */
export function rowsTable(rows: readonly Row[]): string {
  return textTable(
    HEADINGS,
    rows.map(({ entry, refusal, parameters, multiplyAdds, beforeHead, field, plain, failure, worst }) => [
      entry.id,
      against(parameters, entry.parameters),
      multiplyAdds?.toLocaleString('en-US') ?? '',
      against(beforeHead, entry.fieldBeforeHead),
      against(field, entry.field),
      refusal ?? plain ?? failure ?? 'native',
      worst === undefined ? '' : worst.toExponential(1),
    ]),
  );
}

function against(found: number | undefined, published: number): string {
  if (found === published) return found.toLocaleString('en-US');
  return `${found?.toLocaleString('en-US') ?? 'unknown'} (published: ${published.toLocaleString('en-US')})`;
}

type Group = readonly [name: string, has: (row: Row) => boolean];

const GROUPS: readonly Group[] = [
  ['all', () => true],
  ['MNIST', ({ entry }) => entry.input.join() === '28,28,1'],
  [
    'MNIST, under 20,000 parameters',
    ({ entry }) => entry.input.join() === '28,28,1' && entry.parameters < 20_000,
  ],
  [
    'MNIST, under 10,000 parameters',
    ({ entry }) => entry.input.join() === '28,28,1' && entry.parameters < 10_000,
  ],
  ['colour', ({ entry }) => entry.input[2] === 3],
];

/** For each group of networks, how many of them are what they should be. */
export function sharesTable(rows: readonly Row[]): string {
  const measured = rows.some(({ worst }) => worst !== undefined);
  const columns: readonly Group[] = [
    ['expressible', ({ refusal }) => refusal === undefined],
    ['parameters as published', ({ entry, parameters }) => parameters === entry.parameters],
    [
      'fields as given',
      ({ entry, beforeHead, field }) => beforeHead === entry.fieldBeforeHead && field === entry.field,
    ],
    ['native engine', ({ refusal, plain }) => refusal === undefined && plain === undefined],
    ...(measured
      ? [
          [`within ${TOLERANCE}`, ({ worst }) => worst !== undefined && worst < TOLERANCE] as Group,
          ['agrees', ({ agrees }) => agrees === true] as Group,
        ]
      : []),
  ];
  return textTable(
    ['networks', 'number', ...columns.map(([name]) => name)],
    GROUPS.map(([name, has]) => {
      const group = rows.filter(has);
      return [
        name,
        String(group.length),
        ...columns.map(([, is]) => share(group.filter(is).length, group.length)),
      ];
    }),
  );
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} % (${part})`;
}
