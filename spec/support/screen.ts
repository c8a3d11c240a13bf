import { Writable } from 'node:stream';
import xterm from '@xterm/headless';

/** A terminal that a program writes to, and what a person sees on it. */
export interface Screen {
  readonly stream: NodeJS.WriteStream;
  /** Lines from the first one ever written, without the spaces and the empty lines at their ends. */
  lines(): Promise<string[]>;
  /** Everything written, control sequences included. */
  written(): Promise<string>;
}

export function screen(columns: number): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows: 50, convertEol: true, allowProposedApi: true });
  let written = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      terminal.write(chunk.toString(), done);
    },
  });
  // Behind all that was written before.
  const settled = () =>
    new Promise<void>((done) => {
      stream.write('', () => done());
    });
  return {
    stream: Object.assign(stream, { isTTY: true, columns }) as unknown as NodeJS.WriteStream,
    async lines() {
      await settled();
      const { active } = terminal.buffer;
      const all = Array.from({ length: active.length }, (_, i) => active.getLine(i)!.translateToString(true));
      return all.slice(0, all.findLastIndex((line) => line !== '') + 1);
    },
    async written() {
      await settled();
      return written;
    },
  };
}
