import { markdownTable } from './text.ts';

/** A record's weights, run on one backend. */
export interface RecordMeasured {
  readonly id: string;
  /** The backend that it was trained on. */
  readonly trainedOn: string;
  readonly images: number;
  readonly correct: number;
  /** Where all test images were run: what the record says of them. */
  readonly recorded?: number;
  /** Furthest answer from that of WASM on the same images. */
  readonly furthest: number;
}

export interface BackendMeasured {
  readonly name: string;
  readonly version: string;
  readonly reason: string;
  readonly records: readonly RecordMeasured[];
  /** One training step of `iteration` on one thread: the median of `steps` of them, each of `images` images. */
  readonly step: {
    readonly iteration: string;
    readonly images: number;
    readonly steps: number;
    readonly milliseconds: number;
  };
}

export interface BackendMissing {
  readonly name: string;
  /** Why it could not be measured; one line. */
  readonly missing: string;
}

export type BackendRow = BackendMeasured | BackendMissing;

/** Furthest that two backends' answers to the same image may be apart, and images that may tip over. */
const AGREEMENT = { logits: 1e-3, images: 2 } as const;

/** In a cell without a value: a hyphen would be escaped. */
const NOTHING = '–';

/** The comparison as Markdown: the backends, and how each record comes out on each. Pure. */
export function backendsMarkdown(rows: readonly BackendRow[]): string {
  const measured = rows.filter(isMeasured);
  const faults = disagreements(rows);
  return [
    '# Backends',
    verdictOf(rows, faults),
    ...faults.map((fault) => `- ${fault}`),
    markdownTable(
      ['backend', 'version', 'why', 'milliseconds a training step', 'to WASM'],
      rows.map(lineOf(measured)),
    ),
    '## Test images right, with the recorded weights',
    recordsTable(rows, measured),
    'Beside each count: how far the answers (logits) are from those of WASM at most.',
  ]
    .join('\n\n')
    .concat('\n');
}

/** One line for each record that a backend answers otherwise than recorded, or than WASM; none where all agree. */
export function disagreements(rows: readonly BackendRow[]): string[] {
  return rows.filter(isMeasured).flatMap(({ name, records }) =>
    records.flatMap(({ id, trainedOn, correct, recorded, furthest }) => {
      const which = `${id}, trained on ${trainedOn}, on ${name}`;
      const faults: string[] = [];
      if (recorded !== undefined && Math.abs(correct - recorded) > AGREEMENT.images) {
        faults.push(`${which}: ${correct} images right, recorded ${recorded}`);
      }
      if (!(furthest <= AGREEMENT.logits)) {
        faults.push(`${which}: answers are up to ${furthest.toExponential(1)} from those of WASM`);
      }
      return faults;
    }),
  );
}

export function isMeasured(row: BackendRow): row is BackendMeasured {
  return 'records' in row;
}

function verdictOf(rows: readonly BackendRow[], faults: readonly string[]): string {
  const names = (some: readonly BackendRow[]) => some.map(({ name }) => name).join(', ') || 'none';
  const [measured, missing] = [rows.filter(isMeasured), rows.filter((row) => !isMeasured(row))];
  const agreement = faults.length === 0 ? 'they agree' : `${faults.length} disagreements`;
  const gaps = missing.length === 0 ? '' : `; not measured: ${names(missing)}`;
  return `Measured: ${names(measured)}; ${agreement} to ${AGREEMENT.images} images and ${AGREEMENT.logits} in every answer${gaps}.`;
}

function lineOf(measured: readonly BackendMeasured[]) {
  const wasm = measured.find(({ name }) => name === 'wasm');
  return (row: BackendRow): string[] => {
    if (!isMeasured(row)) return [row.name, NOTHING, `not measured (${row.missing})`, NOTHING, NOTHING];
    const { name, version, reason, step } = row;
    const perImage = step.milliseconds / step.images;
    const ratio = wasm && perImage / (wasm.step.milliseconds / wasm.step.images);
    const images = `${step.images} images of iteration ${step.iteration}, median of ${step.steps}`;
    return [
      name,
      version,
      reason,
      `${step.milliseconds.toFixed(1)} (${images})`,
      ratio === undefined
        ? NOTHING
        : `x ${ratio.toFixed(ratio < 10 ? 1 : 0)}${wasm?.step.images === step.images ? '' : ' an image'}`,
    ];
  };
}

function recordsTable(rows: readonly BackendRow[], measured: readonly BackendMeasured[]): string {
  const [first] = measured;
  if (first === undefined) return 'No backend could be measured.';
  const lines = first.records.map(({ id, trainedOn }) => {
    const cells = rows.map((row) => {
      const found = isMeasured(row)
        ? row.records.find((each) => each.id === id && each.trainedOn === trainedOn)
        : undefined;
      if (found === undefined) return NOTHING;
      return `${found.correct} of ${found.images} (${found.furthest.toExponential(1)})`;
    });
    const recorded = measured
      .flatMap(({ records }) => records)
      .find((each) => each.id === id && each.trainedOn === trainedOn && each.recorded !== undefined);
    return [id, trainedOn, String(recorded?.recorded ?? NOTHING), ...cells];
  });
  return markdownTable(['iteration', 'trained on', 'recorded', ...rows.map(({ name }) => name)], lines);
}
