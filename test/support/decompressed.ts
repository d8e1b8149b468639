import { gunzipSync, zstdDecompressSync } from 'node:zlib';

/** Returns the text of an object of the lake, as a user of the files reads it: by the ending of its name. */
export function textOfObject(name: string, body: Uint8Array): string {
  return (name.endsWith('.zst') ? zstdDecompressSync(body) : gunzipSync(body)).toString('utf8');
}
