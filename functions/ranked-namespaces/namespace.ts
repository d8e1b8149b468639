/** The two parts of a namespace's name. */
export interface NamespaceName {
  database: string;
  /** Empty where the name has no dot. */
  collection: string;
}

/**
 * Takes `database.collection` apart: a database's name has no dot, a collection's may have. A name without a dot is that
 * of a database: it keeps its rank, and nothing that is called so can be asked for.
 */
export function splitNamespace(namespace: string): NamespaceName {
  const dot = namespace.indexOf('.');
  if (dot < 0) return { database: namespace, collection: '' };
  return { database: namespace.slice(0, dot), collection: namespace.slice(dot + 1) };
}
