import { isDeepStrictEqual } from 'node:util';
import { GateError } from '../errors.ts';
import type { Node } from './graph.ts';

/** What a layer may have of its own beside the weights that it shares. */
const OWN = ['name', 'from', 'weightsOf'] as const;

/**
 * The node whose weights `layer` uses: an earlier one of the same settings, or, where that uses another's, that one. Throws GateError
 * where there is none, or it does something else.
 */
export function ownerOf(
  layer: Node['layer'],
  nodes: readonly Node[],
  inputShapes: Node['inputShapes'],
  where: string,
): Node {
  const named = nodes.find(({ name }) => name === layer.weightsOf);
  if (named === undefined) {
    throw new GateError(
      `${where} uses the weights of "${layer.weightsOf}", which no layer before it is called. Known: ${nodes.map(({ name }) => name).join(', ')}.`,
    );
  }
  const owner = nodes[named.weightsFrom]!;
  if (owner.weights.length === 0) {
    throw new GateError(
      `${where} uses the weights of "${named.name}", which has none. Name a layer with weights.`,
    );
  }
  const differs = differences(owner.layer, layer);
  if (differs.length > 0) {
    throw new GateError(
      `${where} uses the weights of "${named.name}", but is set otherwise: ${differs.join(', ')}. One layer used twice has one setting; leave out "weightsOf", or set both alike.`,
    );
  }
  const sizes = (weights: Node['weights']) => weights.map(({ shape }) => shape.join(' x ')).join(', ');
  const needed = owner.op.weights!(layer, inputShapes);
  if (sizes(needed) !== sizes(owner.weights)) {
    throw new GateError(
      `${where} needs weights of ${sizes(needed)}, but those of "${named.name}" are ${sizes(owner.weights)}. Let both read as many channels.`,
    );
  }
  return owner;
}

function differences(owner: Node['layer'], layer: Node['layer']): string[] {
  const settings = (each: Node['layer']): Readonly<Record<string, unknown>> => ({ ...each });
  const [one, other] = [settings(owner), settings(layer)];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (key) => !OWN.some((own) => own === key) && !isDeepStrictEqual(one[key], other[key]),
  );
}
