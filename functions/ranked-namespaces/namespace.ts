/** The two parts of a namespace's name. */
export interface NamespaceName {
  database: string;
  /** Empty if the name has no dot. */
  collection: string;
}

/**
 * Splits `database.collection`. The name of a database has no dot, that of a collection can have several. A name
 * without a dot is a database: it keeps its rank, but its measurements cannot be requested.
 */
export function splitNamespace(namespace: string): NamespaceName {
  const dot = namespace.indexOf('.');
  if (dot < 0) return { database: namespace, collection: '' };
  return { database: namespace.slice(0, dot), collection: namespace.slice(dot + 1) };
}
