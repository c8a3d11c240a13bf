import { GateError } from '../errors.ts';
import { type Graph, IMAGE, outputShape } from '../model/graph.ts';
import type { LayerWeights } from '../onnx/ours.ts';
import { DataType, onnx } from '../onnx/schema.ts';
import { onnxBuilder } from './onnx-builder.ts';
import { WRITERS } from './onnx-layers.ts';

/** What ONNX Runtime 1.18 and later read. */
const IR_VERSION = 10n;
/** The first that has GELU, Mish and hard swish as operators. */
const OPSET = 20n;

/**
 * A network with its weights as an ONNX file, in evaluation mode: images [batch, channels, height, width] to [batch, classes].
 * Weights have PyTorch's names and layouts: "conv1.weight" is [filters, channels / groups, height, width]. Throws GateError where the
 * weights are not those of the network.
 */
export function onnxOf(
  graph: Graph,
  weights: LayerWeights,
  producer: { readonly version: string },
): Uint8Array {
  const builder = onnxBuilder();
  const values: string[] = [];
  for (const node of graph.nodes) {
    // A layer that uses another's weights names the constants as that one does: they are the same.
    const { name } = graph.nodes[node.weightsFrom]!;
    const held = weights.get(name) ?? [];
    if (held.length !== node.weights.length) {
      throw new GateError(
        `${node.name}: expected ${node.weights.length} arrays of weights, found ${held.length}. Take the weights of this network.`,
      );
    }
    values.push(
      WRITERS[node.op.type]!({
        graph: builder,
        node: { ...node, name },
        settings: node.layer as unknown as Readonly<Record<string, unknown>>,
        inputs: node.inputs.map((place) => (place === IMAGE ? 'image' : values[place]!)),
        weights: held,
      }),
    );
  }
  const [height, width, channels] = graph.input as readonly [number, number, number];
  return onnx.encode('ModelProto', {
    irVersion: IR_VERSION,
    producerName: 'codecodecode',
    producerVersion: producer.version,
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: 'network',
      node: builder.node,
      initializer: builder.initializer,
      input: [valueOf('image', [channels, height, width])],
      output: [valueOf(values.at(-1)!, outputShape(graph))],
    },
  });
}

/** Of any number of images. */
function valueOf(name: string, sizes: readonly number[]): object {
  const dim = [{ dimParam: 'batch' }, ...sizes.map((size) => ({ dimValue: BigInt(size) }))];
  return { name, type: { tensorType: { elemType: DataType.float, shape: { dim } } } };
}
