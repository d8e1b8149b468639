import type { Document } from './document.ts';

/**
 * Marks bytes in JSON: they become a list of this marker and their base64. No stored document contains such a
 * list otherwise.
 */
const BYTES = '$bytes';

/** Returns a document as JSON. Bytes become base64; everything else stays as it is. */
export function documentToJson(document: Document): string {
  return JSON.stringify(document, (_key, value: unknown) => {
    // A replacer sees the JSON form of a Buffer instead of its bytes.
    if (value instanceof Uint8Array) return [BYTES, Buffer.from(value).toString('base64')];
    if (isBufferJson(value)) return [BYTES, Buffer.from(value.data).toString('base64')];
    return value;
  });
}

/** Parses what `documentToJson` wrote. Throws a `SyntaxError` for text that is not JSON. */
export function documentFromJson(text: string): Document {
  const document: unknown = JSON.parse(text, (_key, value: unknown) =>
    Array.isArray(value) && value.length === 2 && value[0] === BYTES && typeof value[1] === 'string'
      ? new Uint8Array(Buffer.from(value[1], 'base64'))
      : value,
  );
  if (!isDocument(document)) throw new SyntaxError('the stored text is not a document');
  return document;
}

/** Returns whether a value is a document: JSON with bytes in it. The parser above returns nothing else. */
function isDocument(value: unknown): value is Document {
  if (value === null || value instanceof Uint8Array) return true;
  if (typeof value === 'object') return Object.values(value).every(isDocument);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
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
