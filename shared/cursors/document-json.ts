import type { Document } from './document.ts';

/** What stands for bytes in JSON: a list of this mark and their base64. No stored document has such a list of its own. */
const BYTES = '$bytes';

/** Returns a document as JSON. Bytes become base64; everything else stays as it is. */
export function documentToJson(document: Document): string {
  return JSON.stringify(document, (_key, value: unknown) => {
    // Buffer has a form of its own in JSON, which a replacer sees in place of the bytes.
    if (value instanceof Uint8Array) return [BYTES, Buffer.from(value).toString('base64')];
    if (isBufferJson(value)) return [BYTES, Buffer.from(value.data).toString('base64')];
    return value;
  });
}

/** Reads what `documentToJson` wrote. Throws a `SyntaxError` for text that is not JSON. */
export function documentFromJson(text: string): Document {
  return JSON.parse(text, (_key, value: unknown) =>
    Array.isArray(value) && value.length === 2 && value[0] === BYTES && typeof value[1] === 'string'
      ? new Uint8Array(Buffer.from(value[1], 'base64'))
      : value,
  );
}

function isBufferJson(value: unknown): value is { data: number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value &&
    Array.isArray(value.data)
  );
}
