import { type Graph, IMAGE, type Node } from '../../model/graph.ts';
import { dropoutThreshold } from '../../random.ts';
import type { Emit, WeightPlaces } from './emit.ts';
import type { Unit } from './recorder.ts';
import { compileNormActivate } from './units/norm-activate.ts';

/** How the native engine would compute a network: its nodes, some of them joined. */
export interface NativePlan {
  readonly steps: readonly PlannedUnit[];
  /** Values of an image's output: logits. */
  readonly classes: number;
}

export interface PlannedUnit extends Omit<Unit, 'weights'> {
  /** The layer that has its weights, which may be an earlier one's. */
  readonly layer: string;
}

const HEADS: readonly string[] = ['softmax', 'logSoftmax'];

/**
 * The plan, or why there is none, in one line that names the layer. A softmax or log-softmax at the end is the head: the
 * engine works on the logits that it reads.
 */
export function nativePlanOf({ nodes }: Graph): NativePlan | { readonly reason: string } {
  const body = HEADS.includes(nodes.at(-1)?.op.type ?? '') ? nodes.slice(0, -1) : nodes;
  const logits = body.at(-1);
  if (logits === undefined) return { reason: 'it has no layers' };
  if (logits.shape.length !== 1 || logits.shape[0]! < 2)
    return {
      reason: `layer ${logits.name}: its output of ${logits.shape.join(' x ')} is not one value a class`,
    };
  for (const node of body) {
    const problem = problemOf(node);
    if (problem !== undefined) return { reason: `layer ${node.name}: ${problem}` };
  }
  if (!body.some(({ weights }) => weights.some(({ trainable }) => trainable)))
    return { reason: 'it has no weights to train' };
  return { steps: joined(body), classes: logits.shape[0]! };
}

function problemOf({ op, layer, inputShapes }: Node): string | undefined {
  const refused = op.refuse?.(layer, inputShapes);
  if (refused !== undefined) return refused;
  return op.compile === undefined ? `the native engine has no kernels for ${op.type}` : undefined;
}

/** Nodes in order; batch norm, ReLU, 2x2 max pooling and dropout in a row become one unit. */
function joined(nodes: readonly Node[]): PlannedUnit[] {
  const readers = new Map<number, number>();
  for (const { inputs } of nodes)
    for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  const values = new Map([[IMAGE, 0]]);
  const units: PlannedUnit[] = [];
  for (let i = 0; i < nodes.length;) {
    const run = normRun(nodes, i, readers);
    const [first, last] = [nodes[i]!, nodes[i + run.length - 1]!];
    units.push({
      name: run.map(({ name }) => name).join(' + '),
      layer: nodes[first.weightsFrom]!.name,
      reads: first.inputs.map((input) => values.get(input)!),
      shape: last.shape,
      compile: run.length > 1 ? normActivate(run) : (emit: Emit) => first.op.compile!(first.layer, emit),
    });
    values.set(last.index, units.length);
    i += run.length;
  }
  return units;
}

/** The nodes from `i` on that are computed as one. */
function normRun(nodes: readonly Node[], i: number, readers: ReadonlyMap<number, number>): readonly Node[] {
  const run = [nodes[i]!];
  const next = (fits: (layer: Settings) => boolean, type: string) => {
    const [before, node] = [run.at(-1)!, nodes[i + run.length]];
    if (node?.op.type !== type || node.inputs[0] !== before.index || readers.get(before.index) !== 1)
      return false;
    if (!fits(node.layer)) return false;
    run.push(node);
    return true;
  };
  const { op, layer, shape } = run[0]!;
  const norm: Settings = layer;
  const isWhole = norm['scale'] === true && norm['center'] === true && norm['frozen'] !== true;
  if (op.type !== 'batchNorm' || !isWhole || shape.length !== 3) return run;
  if (!next(({ max }) => max === undefined, 'relu')) return run;
  next(isTwoByTwo, 'maxPool');
  next(() => true, 'dropout');
  return run;
}

type Settings = Readonly<Record<string, unknown>>;

function isTwoByTwo({ size, stride, padding }: Settings): boolean {
  const isTwo = (pair: unknown) => Array.isArray(pair) && pair.every((side) => side === 2);
  return isTwo(size) && (stride === undefined || isTwo(stride)) && padding === 'valid';
}

function normActivate(run: readonly Node[]) {
  const settings = (type: string): Settings | undefined => run.find(({ op }) => op.type === type)?.layer;
  const { epsilon, momentum } = settings('batchNorm')!;
  const rate = settings('dropout')?.['rate'];
  const dropout = rate === undefined ? undefined : Number(rate);
  return (emit: Emit) =>
    compileNormActivate(emit, {
      epsilon: Number(epsilon),
      momentum: Number(momentum),
      pool: settings('maxPool') !== undefined,
      dropout,
      dropThreshold: dropoutThreshold(dropout ?? 0),
    });
}

/** The units of a plan with their weights. */
export function unitsOf(
  { steps }: NativePlan,
  places: (layer: string) => Record<string, WeightPlaces>,
): Unit[] {
  return steps.map(({ layer, ...unit }) => ({ ...unit, weights: places(layer) }));
}
