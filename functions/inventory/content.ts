import { createHash } from 'node:crypto';
import type { ResourceDocument } from '../../shared/atlas/api.ts';
import { type ExactNumber, isExactNumber } from '../../shared/atlas/exact-json.ts';
import { idFields, resourceIdOf } from '../../shared/atlas/resource-id.ts';
import type { ResourceType } from './catalogue/resource-type.ts';
import { type Json, redactText, withoutSecrets } from './secrets.ts';

/** One resource as listed, reduced to what the lake may contain. */
export interface Resource {
  id: string;
  name: string | null;
  /** JSON, without secrets. */
  document: string;
  /** 64 bits, hexadecimal; excludes fields that change on their own. */
  hash: string;
  /** The hash of each top-level field, 24 bits, base64url. They only show which field changed. */
  fields: ReadonlyMap<string, string>;
}

/**
 * Reads the resource in a document. `placeholders` are those of the type's path, with the project or organisation. Returns the name of the identifying field if the document lacks it.
 *
 * Two documents have the same content if only the order of fields or of list items differs. Atlas guarantees neither
 * order, and resources that have an order have a field for it.
 */
export function readResource(
  type: ResourceType,
  placeholders: ReadonlyMap<string, string>,
  document: ResourceDocument,
): Resource | { missing: string } {
  const placeholder = placeholderOf(type);
  const id = placeholder === undefined ? resourceIdOf(document, type.id) : placeholders.get(placeholder);
  if (id === null || id === undefined) return { missing: idFields(type.id).join(' or ') };
  const { known } = type;
  if (known && !known.some((field) => field in document)) return { missing: known.join(' or ') };
  const clean = withoutSecrets(type.keep ? onlyFields(document, type.keep, '') : document, type.omit ?? []);
  const compared = withoutFields(clean, type.volatile ?? [], '');
  const fields = Object.entries(compared).map(
    ([field, value]) => [field, digest(canonical(value)).toString('base64url', 0, 3)] as const,
  );
  const label = type.label === undefined ? undefined : textOf(document[type.label]);
  return {
    id: idInLake(type, id),
    name: label === undefined ? null : redactText(label),
    document: JSON.stringify(clean),
    hash: digest(canonical(compared)).toString('hex', 0, 8),
    fields: new Map(fields),
  };
}

/** Returns the id that the lake has for the id of a resource in Atlas. */
export function idInLake({ hashesId }: Pick<ResourceType, 'hashesId'>, id: string): string {
  return hashesId ? digest(id).toString('hex', 0, 12) : redactText(id);
}

/** Returns the placeholder that identifies a resource of a type; undefined if fields of its document do. */
export function placeholderOf({ id }: Pick<ResourceType, 'id'>): string | undefined {
  return typeof id === 'string' ? /^\{(\w+)\}$/.exec(id)?.[1] : undefined;
}

/**
 * Returns a document with only some fields. A path without further names keeps everything below it.
 *
 * @param path the names that lead here, each followed by a dot
 */
function onlyFields(fields: object, keep: readonly string[], path: string): Record<string, unknown> {
  const kept = Object.entries(fields).flatMap(([name, value]) => {
    const place = path + name;
    if (keep.includes(place)) return [[name, value] as const];
    const leads = keep.some((other) => other.startsWith(`${place}.`));
    return leads && isFields(value) ? [[name, onlyFields(value, keep, `${place}.`)] as const] : [];
  });
  return Object.fromEntries(kept);
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

function canonical(value: Json): string {
  if (isLeaf(value)) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).sort().join()}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join()}}`;
}

/** @param path the names that lead here, each followed by a dot */
function withoutFields(
  fields: { readonly [name: string]: Json },
  paths: readonly string[],
  path: string,
): Record<string, Json> {
  const kept = Object.entries(fields).filter(([name]) => !paths.includes(path + name));
  return Object.fromEntries(kept.map(([name, value]) => [name, below(value, paths, `${path}${name}.`)]));
}

function below(value: Json, paths: readonly string[], path: string): Json {
  if (isLeaf(value)) return value;
  if (isList(value)) return value.map((item) => below(item, paths, path));
  return withoutFields(value, paths, path);
}

function isLeaf(value: Json): value is string | number | boolean | null | ExactNumber {
  return value === null || typeof value !== 'object' || isExactNumber(value);
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
