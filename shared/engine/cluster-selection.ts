import * as z from 'zod';
import type { AtlasSession, ClusterTag } from '../atlas/api.ts';
import { projectOf, type Subject } from '../ids.ts';
import { matchesAny } from '../patterns.ts';
import type { Cursor } from './cursor.ts';
import { isOptionalFailure } from './errors.ts';

const name = z.string().min(1, 'expected a name of a cluster, in which * stands for any characters').max(64);
const tag = z
  .string()
  .max(600)
  .regex(/^[^=]+=[^=]*$/, 'expected a tag such as env=production, in which * stands for any characters');

/** Which clusters are collected. A cluster that is both included and excluded is not. */
export const clusterSelection = z.strictObject({
  /** Patterns of names. If neither names nor tags are included, all clusters are. */
  include: z.array(name).default([]),
  exclude: z.array(name).default([]),
  /** Patterns of tags, as `key=value`. */
  includeTags: z.array(tag).default([]),
  excludeTags: z.array(tag).default([]),
});

export type ClusterSelection = z.infer<typeof clusterSelection>;

/** Whether a source is read. `unknown` sources wait, because neither answer would be certain. */
export type Verdict = 'selected' | 'deselected' | 'unknown';

/** The attribute of a cursor that remembers the last verdict. */
const ATTRIBUTE = 'selection';

const TAGS_UNREADABLE =
  'the list of clusters cannot be read: clusters stay selected, or not, as their tags last said';
const UNKNOWN = 'processes whose cluster or tags are unknown are not read until they are known';

/** Returns whether a cluster is selected. @param tags null if they are unknown */
export function verdictOf(
  { include, exclude, includeTags, excludeTags }: ClusterSelection,
  cluster: string,
  tags: readonly ClusterTag[] | null,
): Verdict {
  if (matchesAny(exclude, cluster)) return 'deselected';
  const texts = tags?.map(({ key, value }) => `${key}=${value}`);
  const has = (patterns: readonly string[]) => texts?.some((text) => matchesAny(patterns, text));
  const isExcluded = excludeTags.length === 0 ? false : has(excludeTags);
  const includesAll = include.length === 0 && includeTags.length === 0;
  const isNamed = includesAll || matchesAny(include, cluster);
  const isIncluded = isNamed || (includeTags.length === 0 ? false : has(includeTags));
  if (isExcluded === true || isIncluded === false) return 'deselected';
  return isExcluded === undefined || isIncluded === undefined ? 'unknown' : 'selected';
}

/** Returns the last verdict about a cursor's source; `selected` for a source that belongs to no cluster. */
export function storedVerdict({ attributes }: Pick<Cursor<unknown>, 'attributes'>): Verdict {
  const stored = attributes[ATTRIBUTE];
  return stored === 'deselected' || stored === 'unknown' ? stored : 'selected';
}

/**
 * Decides for each cursor whether its source is read, and remembers it in the cursor. Without the list of clusters, or
 * for a cluster that it lacks, the last verdict stays. Returns the cursors whose verdict changed.
 *
 * @param selection null if the configuration selects no clusters
 */
export async function select<State>(
  atlas: AtlasSession,
  subject: Subject,
  selection: ClusterSelection | null,
  cursors: Iterable<Cursor<State>>,
): Promise<Cursor<State>[]> {
  const all = [...cursors].filter(({ attributes }) => 'cluster_name' in attributes);
  const usesTags = selection !== null && selection.includeTags.length + selection.excludeTags.length > 0;
  const tags = usesTags && all.length > 0 ? await tagsByCluster(atlas, subject) : null;
  const changed = all.filter((cursor) => {
    const { attributes } = cursor;
    const verdict = selection && verdictFor(cursor, selection, tags);
    if ((attributes[ATTRIBUTE] ?? null) === verdict) return false;
    cursor.attributes = { ...attributes, [ATTRIBUTE]: verdict };
    return true;
  });
  const unknown = all.filter((cursor) => storedVerdict(cursor) === 'unknown').length;
  if (unknown > 0) atlas.remarks.notes.add(`${unknown} ${UNKNOWN}`);
  return changed;
}

function verdictFor(
  cursor: Cursor<unknown>,
  selection: ClusterSelection,
  tags: ReadonlyMap<string, readonly ClusterTag[] | null> | null,
): Verdict {
  const { attributes } = cursor;
  const cluster = attributes['cluster_name'];
  const verdict = cluster == null ? 'unknown' : verdictOf(selection, cluster, tags?.get(cluster) ?? null);
  const isRemembered = verdict === 'unknown' && attributes[ATTRIBUTE] != null;
  return isRemembered ? storedVerdict(cursor) : verdict;
}

/** Returns the tags of each cluster; null if the list cannot be read. */
async function tagsByCluster(atlas: AtlasSession, subject: Subject) {
  try {
    const { items } = await atlas.listClusters(projectOf(subject));
    return new Map(items.map(({ name, tags }) => [name, tags]));
  } catch (error) {
    if (!isOptionalFailure(error)) throw error;
    atlas.remarks.notes.add(TAGS_UNREADABLE);
    return null;
  }
}
