/**
 * What identifies a resource in its list: one field, several fields together, or the first of several fields that the
 * resource has.
 */
export type ResourceId = string | { readonly all: readonly string[] } | { readonly first: readonly string[] };

/**
 * Returns the id of a document; null if it lacks the fields. Several fields are joined by slashes.
 *
 * @example resourceIdOf({ databaseName: 'admin', username: 'app' }, { all: ['databaseName', 'username'] }) // 'admin/app'
 */
export function resourceIdOf(document: unknown, id: ResourceId): string | null {
  const texts = idFields(id).map((name) => textIn(document, name));
  if (typeof id === 'object' && 'first' in id) return texts.find((text) => text !== null) ?? null;
  return texts.includes(null) ? null : texts.join('/');
}

/** Returns the names of the fields that can identify a resource. */
export function idFields(id: ResourceId): readonly string[] {
  if (typeof id === 'string') return [id];
  return 'all' in id ? id.all : id.first;
}

function textIn(document: unknown, name: string): string | null {
  const value: unknown = Object(document)[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
