import type { Dataset } from '../data/dataset.ts';
import { normalization, type PixelStatistics } from '../data/normalize.ts';
import type { OnnxFile } from '../onnx/file.ts';
import { namesOf } from '../onnx/network.ts';
import type { ReadOnnx } from '../onnx/read.ts';
import { openSession, type RuntimeName, type Watched } from '../onnx/session.ts';
import type { Draft, Layout } from '../onnx/value.ts';
import type { DeadChannels } from '../record.ts';
import { pixelsOf } from './pixels.ts';

/** As many as are looked at in networks that are trained here. */
const IMAGES = 500;
const NON_LINEARITIES = new Set(['relu', 'leakyRelu', 'prelu', 'activation']);
const FOREIGN = /^(HardSigmoid|ThresholdedRelu|Elu|Celu|Clip|Gelu)$/;

/** Channels that are the same after a non-linearity, or at the output, at every position of the first test images. */
export async function deadChannelsOfOnnx(
  file: OnnxFile,
  read: ReadOnnx,
  { test }: Pick<Dataset, 'test'>,
  statistics: PixelStatistics,
  runtime: RuntimeName,
): Promise<DeadChannels> {
  const names = namesOf(read.drafts);
  const output = file.outputs[0]!.name;
  const looked = read.drafts.flatMap((draft, i) =>
    isNonLinear(draft) && draft.output !== output ? [{ name: names[i]!, output: draft.output }] : [],
  );
  const session = await openSession(file, {
    runtime,
    images: { size: read.input, layout: read.layout },
    watch: looked.map((each) => each.output),
  });
  try {
    const count = Math.min(IMAGES, test.count);
    const pixels = pixelsOf(test, 0, count, normalization(statistics), read.layout);
    const answers = await session.run(pixels, count);
    const last: Watched = { dims: [count, answers.output.length / count], values: answers.output };
    const values = [...looked, { name: names.at(-1)!, output }].map((each) => ({
      name: each.name,
      value: answers.watched.get(each.output) ?? last,
    }));
    const dead: string[] = [];
    let channels = 0;
    for (const { name, value } of values) {
      const flags = constantChannels(value, read.layout);
      channels += flags.length;
      flags.forEach((flag, channel) => flag && dead.push(`${name}[${channel}]`));
    }
    return { images: count, channels, dead };
  } finally {
    await session.release();
  }
}

function isNonLinear({ said }: Draft): boolean {
  return 'type' in said ? NON_LINEARITIES.has(said.type) : FOREIGN.test(said.foreign);
}

function constantChannels({ dims, values }: Watched, layout: Layout): boolean[] {
  const [count = 1, ...rest] = dims;
  const size = values.length / count;
  const channels = rest.length === 3 && layout === 'first' ? rest[0]! : rest.at(-1)!;
  const positions = size / channels;
  const isFirst = rest.length === 3 && layout === 'first';
  return Array.from({ length: channels }, (_, channel) => {
    const at = (i: number) =>
      isFirst
        ? Math.floor(i / positions) * size + channel * positions + (i % positions)
        : i * channels + channel;
    const first = values[at(0)]!;
    for (let i = 1; i < count * positions; i++) if (values[at(i)] !== first) return false;
    return true;
  });
}
