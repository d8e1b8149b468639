import { isExactNumber, parseExact } from '../atlas/exact-json.ts';
import { parseInstant } from '../instant.ts';

/** A line of a structured log. Takes fields out one by one, so that none is forgotten. */
export class JsonLine {
  readonly #fields: Map<string, unknown>;

  private constructor(fields: Map<string, unknown>) {
    this.#fields = fields;
  }

  /** Reads a line; null if it is no JSON object. Keeps all digits of numbers. */
  static parse(text: string): JsonLine | null {
    let document: unknown;
    try {
      document = parseExact(text);
    } catch {
      // A RangeError means that the document is nested too deeply.
      return null;
    }
    return isObject(document) ? new JsonLine(new Map(Object.entries(document))) : null;
  }

  /** Takes a time as MongoDB writes it, `{"$date": …}`; undefined if the field has another form. */
  takeTime(name: string): number | undefined {
    const value = this.#fields.get(name);
    const time = isObject(value) ? parseInstant(value['$date']) : undefined;
    if (time !== undefined) this.#fields.delete(name);
    return time;
  }

  /** Takes a text. A field of another type stays. */
  takeText(name: string): string | null {
    const value = this.#fields.get(name);
    if (typeof value !== 'string') return null;
    this.#fields.delete(name);
    return value;
  }

  /** Takes a whole number. A field of another type stays. */
  takeInteger(name: string): number | null {
    const value = this.#fields.get(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return null;
    this.#fields.delete(name);
    return value;
  }

  /** Takes an object if `read` returns something for it. */
  takeIf<Result>(name: string, read: (object: JsonLine) => Result | null): Result | null {
    const value = this.#fields.get(name);
    const result = isObject(value) ? read(new JsonLine(new Map(Object.entries(value)))) : null;
    if (result !== null) this.#fields.delete(name);
    return result;
  }

  /** Returns the first object of a list, which stays. */
  firstOf(name: string): JsonLine | null {
    const list = this.#fields.get(name);
    const first: unknown = Array.isArray(list) ? list[0] : undefined;
    return isObject(first) ? new JsonLine(new Map(Object.entries(first))) : null;
  }

  /** Whether every field was taken. */
  get isEmpty(): boolean {
    return this.#fields.size === 0;
  }

  /** Takes a field of any type as JSON. */
  takeJson(name: string): string | null {
    if (!this.#fields.has(name)) return null;
    const value = this.#fields.get(name);
    this.#fields.delete(name);
    return JSON.stringify(value);
  }

  /** Returns the fields that nobody took, as JSON; null if there are none. */
  rest(): string | null {
    return this.#fields.size === 0 ? null : JSON.stringify(Object.fromEntries(this.#fields));
  }
}

/** Calls `read`; returns null if a value is nested too deeply to be written as JSON. */
export function unlessTooDeep<Result>(read: () => Result): Result | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);
}
