import { createWriteStream, type WriteStream } from 'node:fs';
import type { Log } from '../shared/worker/runtime.ts';

type Level = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** Writes the functions' logs as JSON lines to a file or to stderr. */
export class FileLog implements Log {
  readonly #out: WriteStream | NodeJS.WriteStream;

  constructor(target: { file: string } | { stream: NodeJS.WriteStream }) {
    this.#out = 'file' in target ? createWriteStream(target.file, { flags: 'a' }) : target.stream;
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#write('DEBUG', message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#write('INFO', message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#write('WARN', message, fields);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#write('ERROR', message, fields);
  }

  #write(level: Level, message: string, fields: Record<string, unknown> = {}): void {
    const entry = { level, message, timestamp: new Date().toISOString(), ...fields };
    this.#out.write(`${JSON.stringify(entry, plainErrors).replace(UNPRINTABLE, escaped)}\n`);
  }
}

/** Names from Atlas may contain terminal control characters. JSON escapes only those below U+0020. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** Converts errors for JSON, because their properties are not enumerable. */
function plainErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
}
