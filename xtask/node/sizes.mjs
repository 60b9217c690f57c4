// What a visitor downloads: `node sizes.mjs FOLDER`. A line a file: bytes, bytes by brotli as hosts do it, name.
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const [folder] = process.argv.slice(2);
for (const { name, parentPath } of readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())) {
  const path = `${parentPath}/${name}`;
  const bytes = readFileSync(path);
  const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  console.log(`${bytes.length}\t${packed.length}\t${path.slice(folder.length + 1)}`);
}
