import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** So slow that a kill can come in the middle of a file. */
const CHUNKS = 8;
const PAUSE_MS = 12;

export interface Mirror {
  readonly url: string;
  close(): void;
}

/** A server of this machine that stands for the mirrors of MNIST: each file by its name, in pieces. */
export async function startMirror(files: ReadonlyMap<string, Uint8Array>): Promise<Mirror> {
  const server = createServer((request, response) => {
    const bytes = files.get((request.url ?? '').slice(1));
    if (bytes === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': bytes.length });
    void send(bytes, (chunk) => response.write(chunk)).then(() => response.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

async function send(bytes: Uint8Array, write: (chunk: Uint8Array) => void): Promise<void> {
  const size = Math.ceil(bytes.length / CHUNKS);
  for (let at = 0; at < bytes.length; at += size) {
    write(bytes.subarray(at, at + size));
    await sleep(PAUSE_MS);
  }
}
