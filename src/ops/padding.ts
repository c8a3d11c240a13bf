import { compilePad, compilePadGradient } from './compile/border.ts';
import { defineOp, layerSchema } from './op.ts';
import { describe, explicitPadding, needsMap, paddingMode, sidesOf } from './window.ts';

const schema = layerSchema('padding', {
  padding: explicitPadding,
  /** What it is filled with. */
  mode: paddingMode.default('zeros'),
});

/** Rows and columns around a map. */
export const padding = defineOp({
  type: 'padding',
  prefix: 'padding',
  schema,
  shape(layer, [input]) {
    const problem = needsMap(input!);
    if (problem !== undefined) return problem;
    const [height, width, channels] = input as readonly [number, number, number];
    const [rows, columns] = sidesOf(layer.padding);
    if (layer.mode === 'reflect' && (Math.max(...rows) >= height || Math.max(...columns) >= width)) {
      return `mirrors more than its input of ${describe(input!)} has. Use less padding.`;
    }
    return [height + rows[0] + rows[1], width + columns[0] + columns[1], channels];
  },
  reach(layer) {
    const [rows, columns] = sidesOf(layer.padding);
    const along = (padding: readonly [number, number]) => ({ kernel: 1, stride: 1, dilation: 1, padding });
    return { kind: 'window', operation: 'ZeroPad', height: along(rows), width: along(columns) };
  },
  stock({ padding, mode }, { layers, custom, name }) {
    const sides = sidesOf(padding);
    if (mode !== 'zeros') return [custom.padding({ name, sides, fill: mode })];
    return [
      layers.zeroPadding2d({
        name,
        padding: sides.map((side) => [...side]) as [[number, number], [number, number]],
      }),
    ];
  },
  read({ className, config }) {
    // Before a max pooling the fill is 'lowest': `networkOf` makes the two one layer.
    if (className === 'Padding2D') return { padding: config['sides'], mode: config['fill'] };
    if (className !== 'ZeroPadding2D') return undefined;
    if (config['dataFormat'] === 'channelsFirst')
      return 'puts channels first. Build the model with channels last.';
    return { padding: config['padding'] };
  },
  compile({ padding, mode }, emit) {
    const sides = sidesOf(padding);
    compilePad(emit, emit.inputs[0]!, emit.output, sides, mode);
    const inputGradient = emit.training ? emit.addableInputGradient(0) : undefined;
    if (inputGradient) compilePadGradient(emit, emit.outputGradient(), inputGradient, sides, mode);
  },
});
