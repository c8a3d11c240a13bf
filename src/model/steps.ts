import type { z } from 'zod';
import type { LayerSchema, Op, Shape } from '../ops/op.ts';
import type { Graph } from './graph.ts';
import { fieldsOver, type Fields, type Step, type StepReach } from './receptive-field.ts';
import type { Fact } from '../fact.ts';

export type Axis = 'height' | 'width';

/** What a layer does along one axis. */
export interface Placed {
  readonly op: Op;
  readonly layer: z.output<LayerSchema>;
  readonly inputShapes: readonly Shape[];
  readonly shape: Shape;
}

/** The receptive fields of a network's plain data along one axis. */
export function fieldsOf({ input, nodes }: Graph, axis: Axis = 'height'): Fact<Fields> {
  const steps = nodes.map((node): Step => ({ name: node.name, inputs: node.inputs, ...stepOf(node, axis) }));
  return fieldsOver(input[axis === 'height' ? 0 : 1]!, steps);
}

/** A described layer as a step, but for its place. */
export function stepOf(placed: Placed, axis: Axis): Pick<Step, 'reach' | 'isHead'> {
  const { op, layer, inputShapes, shape } = placed;
  const reach = op.reach?.(layer, inputShapes);
  const isHead =
    reach?.kind === 'whole' ||
    op.type === 'flatten' ||
    (op.type in GLOBAL && shape[0] === 1 && shape[1] === 1);
  if (reach === undefined) return { isHead };
  const along: StepReach =
    reach.kind === 'window'
      ? { kind: 'window', operation: reach.operation, ...reach[axis] }
      : reach.kind === 'merge'
        ? { ...reach, isMap: shape.length === 3 }
        : reach;
  return { reach: along, isHead };
}

/** Poolings are the head's where their window is the whole map. */
const GLOBAL = { maxPool: true, averagePool: true };
