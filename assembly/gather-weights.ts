import { tileOf } from './layout';

/** Weights in the order in which `gather` reads them. */

@unmanaged
export class PackWeights {
  /** f32 [kernelHeight][kernelWidth][channels / groups][outChannels]. */
  weights: usize;
  kernelHeight: i32;
  kernelWidth: i32;
  channels: i32;
  outChannels: i32;
  groups: i32;
  /** 1: for the input gradient, with inputs and outputs exchanged and the taps turned around. */
  turns: i32;
  packed: usize;
}

/** packed[tile of outputs][tap][input][output in the tile], group by group. */
export function packWeights(d: PackWeights, thread: i32, threads: i32): void {
  const taps = d.kernelHeight * d.kernelWidth;
  const inputs = d.channels / d.groups;
  const outputs = d.outChannels / d.groups;
  const tileChannels = d.turns ? inputs : outputs;
  const run = d.turns ? outputs : inputs;
  let number = 0;
  for (let group = 0; group < d.groups; group++) {
    for (let first = 0; first < tileChannels; number++) {
      const tile = tileOf(tileChannels - first);
      if (number % threads == thread) {
        let to = d.packed + (<usize>((group * tileChannels + first) * taps * run) << 2);
        for (let tap = 0; tap < taps; tap++) {
          const from = d.turns ? taps - 1 - tap : tap;
          for (let r = 0; r < run; r++) {
            for (let t = first; t < first + tile; t++) {
              const input = d.turns ? t : r;
              const output = group * outputs + (d.turns ? r : t);
              store<f32>(to, load<f32>(d.weights + (<usize>((from * inputs + input) * d.outChannels + output) << 2)));
              to += 4;
            }
          }
        }
      }
      first += tile;
    }
  }
}
