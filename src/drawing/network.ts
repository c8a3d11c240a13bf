import { paint } from './colours.ts';
import { canvas, type Drawing, element, toDrawing, type Words } from './svg.ts';

/** One step of the network, as its receptive-field table has it; sizes in pixels of its own map or of the image. */
export interface Step {
  readonly operation: string;
  readonly kernel: number;
  readonly padding: number;
  readonly stride: number;
  readonly inputSize: number;
  readonly outputSize: number;
  readonly channels?: number;
  readonly jumpIn: number;
  readonly field: number;
}

/** A digit to look at: a square PNG of `size` pixels, base64. */
export interface Digit {
  readonly size: number;
  readonly png: string;
}

/** Pixels of the drawing. */
const COLUMN = 104;
const MAP_SCALE = 3;
const DIGIT_SCALE = 2.8;
const TOP = 26;
const MAPS = 112;
const DIGITS = 104;
const DEPTH_MOST = 5;
/** Letters. */
const LONG_NAME = 12;
const LABEL = { 'text-anchor': 'middle', 'font-size': 11 } as const;

/**
 * The network from left to right, maps to scale. Above: each map, with the window of the kernel that reads it; below: what one
 * output in the middle sees of the image after each step, over the same digit; hatched where it reaches into the padding.
 */
export function drawNetwork(words: Words, size: number, steps: readonly Step[], digit?: Digit): Drawing {
  const columns = steps.length + 1;
  const width = COLUMN * columns + 8;
  const height = TOP + MAPS + 76 + DIGITS + 30;
  const shown = fieldsOf(steps, size);
  const reach = Math.max(0, ...shown.map(({ low, high }) => Math.max(-low, high - size)));
  const fieldScale = Math.min(DIGIT_SCALE, (COLUMN - 10) / (size + 2 * reach));
  return toDrawing(
    canvas(width, height, [
      hatching(),
      inputColumn(size, steps[0], digit, fieldScale),
      ...steps.map((step, i) => stepColumn(step, steps[i + 1], i, size)),
      ...shown.map((field, i) => fieldColumn(field, i, { size, digit, scale: fieldScale })),
    ]),
    words,
  );
}

/** Where the field of the middle output lies, pixels of the image: from `low` to `high`, 0 to `size` is the image. */
export function fieldsOf(
  steps: readonly Step[],
  size: number,
): { readonly low: number; readonly high: number; readonly field: number }[] {
  // Centre of the first output's field (https://distill.pub/2019/computing-receptive-fields/), in pixels from the image's edge.
  let centre = 0.5;
  return steps.map(({ kernel, padding, jumpIn, stride, outputSize, field }) => {
    centre += ((kernel - 1) / 2 - padding) * jumpIn;
    const middle = centre + Math.floor((outputSize - 1) / 2) * jumpIn * stride;
    const low = middle - field / 2;
    return { low, high: Math.min(low + field, size + field), field };
  });
}

function inputColumn(size: number, next: Step | undefined, digit: Digit | undefined, scale: number): Element {
  const middle = COLUMN / 2;
  return element('g', {}, [
    label(middle, 10, 'image', { 'font-weight': 'bold' }),
    map({ middle, side: size * MAP_SCALE, channels: 1, ...(next ? { window: next } : {}), size }),
    label(middle, TOP + MAPS + 14, `${size} × ${size}`),
    label(middle, TOP + MAPS + 28, '1 channel', { fill: paint('quiet') }),
    ...(digit ? [image(digit, middle, fieldTop(), size * scale)] : []),
    frame(middle, fieldTop(), size * scale),
    label(middle, fieldTop() + DIGITS + 4, 'what one output', { fill: paint('quiet') }),
    label(middle, fieldTop() + DIGITS + 17, 'sees after:', { fill: paint('quiet') }),
  ]);
}

function stepColumn(step: Step, next: Step | undefined, index: number, size: number): Element {
  const middle = COLUMN * (index + 1.5);
  const { operation, kernel, stride, padding, outputSize, channels } = step;
  const scale = MAP_SCALE * Math.min(1, size / Math.max(size, outputSize));
  const extras = [
    ...(stride > 1 ? [`stride ${stride}`] : []),
    ...(padding > 0 ? [`padding ${padding}`] : []),
  ];
  return element('g', {}, [
    arrow(COLUMN * (index + 1), TOP + MAPS / 2),
    // A long name has to fit between its neighbours.
    label(middle, 10, operation, {
      'font-weight': 'bold',
      ...(operation.length > LONG_NAME ? { 'font-size': 9.5 } : {}),
    }),
    label(middle, 23, `${kernel} × ${kernel}`, { 'font-weight': 'bold' }),
    map({
      middle,
      side: outputSize * scale,
      channels: channels ?? 1,
      ...(next ? { window: next } : {}),
      size: outputSize,
    }),
    label(middle, TOP + MAPS + 14, `${outputSize} × ${outputSize}`),
    label(
      middle,
      TOP + MAPS + 28,
      channels === undefined ? '' : `${channels} ${channels === 1 ? 'channel' : 'channels'}`,
      { fill: paint('quiet') },
    ),
    label(middle, TOP + MAPS + 42, extras.join(', '), { fill: paint('quiet') }),
  ]);
}

interface MapShape {
  readonly middle: number;
  readonly side: number;
  /** Pixels of the map itself. */
  readonly size: number;
  readonly channels: number;
  /** The step that reads it: its kernel is drawn in the middle. */
  readonly window?: Step;
}

/** A stack of maps, the deeper the more channels, with the kernel that reads it. */
function map({ middle, side, size, channels, window }: MapShape): Element {
  const behind = Math.min(DEPTH_MOST, Math.round(Math.log2(Math.max(1, channels))));
  const [left, top] = [middle - side / 2, TOP + MAPS / 2 - side / 2];
  const sheets = Array.from({ length: behind + 1 }, (_, i) => {
    const shift = (behind - i) * 2.2;
    return element('rect', {
      x: left + shift,
      y: top - shift,
      width: side,
      height: side,
      fill: paint('paper'),
      stroke: paint('test'),
      'stroke-width': 1.2,
    });
  });
  const kernel = window ? Math.max(2, (Math.min(window.kernel, size) * side) / size) : 0;
  const read = window
    ? [
        element('rect', {
          x: middle - kernel / 2,
          y: TOP + MAPS / 2 - kernel / 2,
          width: kernel,
          height: kernel,
          fill: paint('bad'),
          'fill-opacity': 0.25,
          stroke: paint('bad'),
          'stroke-width': 1.2,
        }),
      ]
    : [];
  return element('g', {}, [...sheets, ...read]);
}

interface FieldFrame {
  readonly size: number;
  readonly digit: Digit | undefined;
  readonly scale: number;
}

function fieldColumn(
  { low, high, field }: { readonly low: number; readonly high: number; readonly field: number },
  index: number,
  { size, digit, scale }: FieldFrame,
): Element {
  const middle = COLUMN * (index + 1.5);
  const side = size * scale;
  const [left, top] = [middle - side / 2, fieldTop() + DIGITS / 2 - side / 2 - 6];
  const box = {
    x: left + low * scale,
    y: top + low * scale,
    width: (high - low) * scale,
    height: (high - low) * scale,
  };
  const outside = low < 0 || high > size;
  return element('g', {}, [
    ...(outside ? [element('rect', { ...box, fill: 'url(#draw-hatch)' })] : []),
    ...(digit
      ? [image(digit, middle, fieldTop(), side)]
      : [element('rect', { x: left, y: top, width: side, height: side, fill: paint('paper') })]),
    frame(middle, fieldTop(), side),
    element('rect', {
      ...box,
      fill: paint('test'),
      'fill-opacity': 0.22,
      stroke: paint('test'),
      'stroke-width': 2,
    }),
    label(middle, fieldTop() + DIGITS + 4, `${field} × ${field}`, {
      'font-weight': 'bold',
      fill: paint('test'),
    }),
    ...(outside
      ? [
          label(middle, fieldTop() + DIGITS + 17, `${-Math.min(0, low)} beyond each edge`, {
            fill: paint('quiet'),
            'font-size': 10,
          }),
        ]
      : []),
  ]);
}

function fieldTop(): number {
  return TOP + MAPS + 62;
}

function image({ png }: Digit, middle: number, top: number, side: number): Element {
  return element('image', {
    x: middle - side / 2,
    y: top + DIGITS / 2 - side / 2 - 6,
    width: side,
    height: side,
    href: `data:image/png;base64,${png}`,
    'image-rendering': 'pixelated',
  });
}

function frame(middle: number, top: number, side: number): Element {
  return element('rect', {
    x: middle - side / 2,
    y: top + DIGITS / 2 - side / 2 - 6,
    width: side,
    height: side,
    fill: 'none',
    stroke: paint('faint'),
  });
}

function arrow(x: number, y: number): Element {
  return element('path', {
    d: `M${x - 7},${y}h10m-4,-4l4,4l-4,4`,
    fill: 'none',
    stroke: paint('quiet'),
    'stroke-width': 1.3,
  });
}

function label(
  x: number,
  y: number,
  words: string,
  attributes: Readonly<Record<string, string | number>> = {},
): Element {
  return element('text', { x, y, ...LABEL, ...attributes }, [words]);
}

function hatching(): Element {
  const line = element('path', { d: 'M0,6L6,0', stroke: paint('bad'), 'stroke-width': 1.4 });
  return element('defs', {}, [
    element('pattern', { id: 'draw-hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse' }, [line]),
  ]);
}
