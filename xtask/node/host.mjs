// What the measurements of the page share: a host that compresses as hosts do, over one line of a given speed, and a browser.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { brotliCompressSync, constants } from 'node:zlib';

const { chromium } = createRequire(`${process.env.KUBARIUM_NODE_MODULES}/`)('playwright-core');
const CHUNK = 12_500;
const KINDS = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css', wasm: 'application/wasm', svg: 'image/svg+xml' };

/// A host of the files of a folder and of some others by name, over a line that carries so many bytes a millisecond.
export async function host(folder, bytesAMs, others = {}) {
  const packed = new Map();
  const content = async name => {
    if (!packed.has(name)) {
      const plain = others[name] ?? await readFile(new URL(name, `file://${folder}/`));
      packed.set(name, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
    }
    return packed.get(name);
  };
  // Every answer's chunks queue up for the one line.
  let free = 0;
  const carry = async (response, bytes) => {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const chunk = bytes.subarray(at, at + CHUNK);
      free = Math.max(free, performance.now()) + chunk.length / bytesAMs;
      await new Promise(resolve => setTimeout(resolve, free - performance.now()));
      response.write(chunk);
    }
    response.end();
  };
  const server = createServer(async (request, response) => {
    const name = new URL(request.url, 'http://host').pathname.slice(1) || 'index.html';
    try {
      const bytes = await content(name);
      response.writeHead(200, {
        'content-type': KINDS[name.split('.').pop()] ?? 'application/octet-stream', 'content-encoding': 'br', 'access-control-allow-origin': '*',
      });
      await carry(response, bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise(listening => server.listen(0, '127.0.0.1', listening));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

export const launch = () => chromium.launch({
  executablePath: process.env.KUBARIUM_CHROMIUM,
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
});

export const median = numbers => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/// A line a measure: name, what it was, at most.
export const tell = (name, value, most) => console.log([name, value.toFixed(1), most].join('\t'));
