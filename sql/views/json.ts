import type { Engine } from '../view.ts';

/** SQL for the JSON documents of resources. */

/**
 * Returns SQL for a list in a JSON text or value. It yields no elements if the field is missing or is not a list.
 *
 * @param path names joined by dots
 */
export function listIn(json: string, path: string, { jsonArray }: Pick<Engine, 'jsonArray'>): string {
  return `TRY_CAST(json_extract(${json}, '$.${path}') AS ${jsonArray})`;
}

/** Returns SQL for a time of Atlas as a timestamp. Atlas's times end in Z, with or without fractional seconds. */
export function instantOf(text: string): string {
  return `TRY_CAST(replace(substr(${text}, 1, 19), 'T', ' ') AS timestamp)`;
}
