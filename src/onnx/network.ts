import { GateError } from '../errors.ts';
import { type Graph, graphOf, IMAGE } from '../model/graph.ts';
import type { Layer, Network } from '../model/layers.ts';
import { opOf } from '../ops/index.ts';
import type { ReadOnnx } from './read.ts';
import type { Draft, Said } from './value.ts';

/** A file's network as plain data, with its weights. */
export interface OnnxNetwork {
  readonly network: Network;
  readonly graph: Graph;
  /** Of each layer with weights, by its name: in the order and layout of its op's weights. */
  readonly weights: ReadonlyMap<string, readonly Float32Array[]>;
}

/** The names of a file's layers: what its weights are called, else the layer's type and number. */
export function namesOf(drafts: readonly Draft[]): readonly string[] {
  const counts = new Map<string, number>();
  const taken = new Set(['input']);
  return drafts.map((draft) => {
    const prefix = 'type' in draft.said ? opOf(draft.said.type)!.prefix : draft.said.foreign.toLowerCase();
    const wanted = ownName(draft);
    if (wanted !== undefined && !taken.has(wanted)) {
      taken.add(wanted);
      return wanted;
    }
    for (;;) {
      const number = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, number);
      const name = `${prefix.replaceAll(/[^\w./-]/g, '_')}${number}`;
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  });
}

/** "block.conv" where its first weight is called "block.conv.weight" or "block/conv/kernel"; the module of PyTorch's older exporter. */
function ownName({ held, node }: Draft): string | undefined {
  const weight = /^(.+)[./](?:weight|kernel|gamma|scale)(?::0)?$/.exec(held[0]?.name ?? '')?.[1];
  const module = /^\/(.+)\/[A-Za-z]+(?:_\d+)?$/.exec(node.name)?.[1]?.replaceAll('/', '.');
  const name = weight ?? (held.length > 0 ? module : undefined);
  return name !== undefined && /^[\w./-]+$/.test(name) ? name : undefined;
}

/** The plain data that say the same as the file; or the reason, in one line, why there are none. */
export function networkOfOnnx({ input, drafts }: ReadOnnx): OnnxNetwork | { readonly reason: string } {
  const names = namesOf(drafts);
  const foreign = drafts.flatMap((draft, i) =>
    'foreign' in draft.said ? [`${names[i]} (${draft.said.foreign}) ${draft.said.reason}`] : [],
  );
  if (foreign.length > 0) return { reason: foreign.slice(0, 3).join('; ') };
  const shared = sharedWeight(drafts);
  if (shared !== undefined) return { reason: `two of its layers have the same weights, ${shared}` };
  const layers = drafts.map((draft, i): Layer => {
    const { type, settings } = draft.said as Said;
    const follows = draft.from.length === 1 && draft.from[0] === i - 1;
    const from = draft.from.map((place) => (place === IMAGE ? 'input' : names[place]!));
    return { ...settings, type, name: names[i]!, ...(follows ? {} : { from }) } as Layer;
  });
  const network: Network = { input, layers };
  let graph: Graph;
  try {
    graph = graphOf(network);
  } catch (error) {
    if (error instanceof GateError) return { reason: error.message };
    throw error;
  }
  const weights = new Map(
    drafts.flatMap(({ said }, i) =>
      'weights' in said && said.weights.length > 0 ? [[names[i]!, said.weights] as const] : [],
    ),
  );
  return { network, graph, weights };
}

function sharedWeight(drafts: readonly Draft[]): string | undefined {
  const seen = new Set<string>();
  for (const { held } of drafts) {
    for (const { name } of held) {
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  return undefined;
}
