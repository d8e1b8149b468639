import * as z from 'zod';
import type { AtlasSession, ClusterTag } from '../atlas/api.ts';
import { projectOf, type Subject } from '../ids.ts';
import { matches, matchesAny } from '../patterns.ts';
import type { Cursor, SourceAttributes } from './cursor.ts';
import type { Gap, TargetState } from './dataset.ts';
import { isOptionalFailure } from './errors.ts';
import { listingIsDue } from './listing.ts';

const name = z.string().min(1, 'expected a name of a cluster, in which * stands for any characters').max(64);
const tag = z
  .string()
  .max(600)
  .regex(/^[^=]+=/, 'expected a tag such as env=production, in which * stands for any characters');

/** Which clusters are collected. A cluster that is both included and excluded is not. */
export const clusterSelection = z.strictObject({
  /** Patterns of names. If neither names nor tags are included, all clusters are. */
  include: z.array(name).default([]),
  exclude: z.array(name).default([]),
  /** Patterns of tags: one of keys, `=`, and one of values. */
  includeTags: z.array(tag).default([]),
  excludeTags: z.array(tag).default([]),
});

export type ClusterSelection = z.infer<typeof clusterSelection>;

/** Whether a source is read. `unknown` sources wait, because neither answer would be certain. */
export type Verdict = 'selected' | 'deselected' | 'unknown';

/** The attributes of a cursor that remember the last verdict, and when its source was last not read: ISO 8601. */
const VERDICT = 'selection';
const UNREAD_FROM = 'unselected_from';
const UNREAD_TO = 'unselected_to';

const TAGS_UNREADABLE =
  'the list of clusters cannot be read: clusters stay selected, or not, as their tags last said';
const UNKNOWN = 'processes or hosts whose cluster or tags are unknown are not read until they are known';
const STOPPED = 'sources are no longer read, because their clusters are not selected any more';
const RESUMED = 'sources are read again from where they stopped, because their clusters are selected again';

/** Returns whether a cluster is selected. @param tags null if they are unknown */
export function verdictOf(
  { include, exclude, includeTags, excludeTags }: ClusterSelection,
  cluster: string,
  tags: readonly ClusterTag[] | null,
): Verdict {
  if (matchesAny(exclude, cluster)) return 'deselected';
  const has = (patterns: readonly string[]) => tags?.some((one) => patterns.some((text) => isTag(text, one)));
  const isExcluded = excludeTags.length === 0 ? false : has(excludeTags);
  const includesAll = include.length === 0 && includeTags.length === 0;
  const isNamed = includesAll || matchesAny(include, cluster);
  const isIncluded = isNamed || (includeTags.length === 0 ? false : has(includeTags));
  if (isExcluded === true || isIncluded === false) return 'deselected';
  return isExcluded === undefined || isIncluded === undefined ? 'unknown' : 'selected';
}

function isTag(pattern: string, { key, value }: ClusterTag): boolean {
  const place = pattern.indexOf('=');
  return matches(pattern.slice(0, place), key) && matches(pattern.slice(place + 1), value);
}

/** Returns the last verdict about a cursor's source; `selected` for a source that belongs to no cluster. */
export function storedVerdict({ attributes }: Pick<Cursor<unknown>, 'attributes'>): Verdict {
  const stored = attributes[VERDICT];
  return stored === 'deselected' || stored === 'unknown' ? stored : 'selected';
}

/** Returns the cursors of sources that are read. The others are neither read nor missed, whatever Atlas lists. */
export function selected<State>(cursors: ReadonlyMap<string, Cursor<State>>): Map<string, Cursor<State>> {
  return new Map([...cursors].filter(([, cursor]) => storedVerdict(cursor) === 'selected'));
}

/**
 * Returns what to add to the reason of a gap: that its cluster was not selected at some time of it, so that a choice does
 * not look like a loss. Empty if it was.
 */
export function unreadRemark(
  { attributes }: Pick<Cursor<unknown>, 'attributes'>,
  gap: Omit<Gap, 'reason'>,
): string {
  const [from, to] = [attributes[UNREAD_FROM], attributes[UNREAD_TO]];
  if (!from || !to || gap.from >= Date.parse(to) || gap.to <= Date.parse(from)) return '';
  return ` (its cluster was not always selected between ${from} and ${to})`;
}

/** What a run needs to decide which sources it reads. */
export interface SelectionScope {
  atlas: AtlasSession;
  subject: Subject;
  /** Null if the configuration selects no clusters. */
  clusters: ClusterSelection | null;
  /** The run's time, ms. */
  now: number;
}

/** The clusters of the sources that Atlas lists. Names from Atlas: for people, not for logs. */
export interface ListedClusters {
  selected: readonly string[];
  deselected: readonly string[];
}

/** The result of a selection. */
interface Selected<State> extends ListedClusters {
  /** The cursors that changed. */
  changed: Cursor<State>[];
}

/**
 * Decides for each cursor whether its source is read, and remembers it in the cursor. Without the list of clusters, or
 * for a cluster that it lacks, the last verdict by tags stays.
 *
 * @param isListed whether Atlas lists a source now
 * @param mayRequestTags whether the run may request the list of clusters for tags
 */
export async function select<State extends TargetState>(
  { atlas, subject, clusters, now }: SelectionScope,
  cursors: Iterable<Cursor<State>>,
  isListed: (source: string) => boolean,
  mayRequestTags: boolean,
): Promise<Selected<State>> {
  const all = [...cursors].filter(({ attributes }) => 'cluster_name' in attributes);
  const usesTags = clusters !== null && clusters.includeTags.length + clusters.excludeTags.length > 0;
  const tags = usesTags && all.length > 0 && mayRequestTags ? await tagsByCluster(atlas, subject) : null;
  const counts = { stopped: 0, resumed: 0, unknown: 0 };
  const changed = all.filter((cursor) => {
    const before = storedVerdict(cursor);
    const verdict = clusters && verdictFor(cursor, clusters, tags);
    const isRead = verdict === null || verdict === 'selected';
    if (verdict === 'unknown' && isListed(cursor.source)) counts.unknown += 1;
    if (cursor.targets.size > 0 && isRead !== (before === 'selected'))
      counts[isRead ? 'resumed' : 'stopped'] += 1;
    // Its attributes are fresh for an hour, as those of a source whose targets are listed.
    const isDue = !isRead && isListed(cursor.source) && listingIsDue(cursor, now);
    if (isDue) cursor.listingAt = now;
    if ((cursor.attributes[VERDICT] ?? null) === verdict) return isDue;
    if (isRead && before !== 'selected') cursor.listingAt = null;
    const unread = unreadTime(cursor, before === 'selected', isRead, now);
    cursor.attributes = { ...cursor.attributes, ...unread, [VERDICT]: verdict };
    return true;
  });
  const { notes } = atlas.remarks;
  if (counts.unknown > 0) notes.add(`${counts.unknown} ${UNKNOWN}`);
  if (counts.stopped > 0) notes.add(`${counts.stopped} ${STOPPED}`);
  if (counts.resumed > 0) notes.add(`${counts.resumed} ${RESUMED}`);
  const listed = all.filter(({ source }) => isListed(source));
  return { changed, selected: clustersOf(listed, 'selected'), deselected: clustersOf(listed, 'deselected') };
}

function clustersOf(cursors: readonly Cursor<unknown>[], verdict: Verdict): string[] {
  const names = cursors.filter((cursor) => storedVerdict(cursor) === verdict).map(clusterOf);
  return [...new Set(names.filter((one) => one !== null))].sort();
}

/** Returns the cluster of a cursor's source; null if it is unknown, or if the source belongs to none. */
export function clusterOf({ attributes }: Pick<Cursor<unknown>, 'attributes'>): string | null {
  return attributes['cluster_name'] ?? null;
}

/** Returns the attributes that say when a source with known targets was not read. */
function unreadTime(
  { attributes, targets }: Cursor<TargetState>,
  wasRead: boolean,
  isRead: boolean,
  now: number,
): SourceAttributes {
  if (wasRead === isRead || targets.size === 0) return {};
  const time = new Date(now).toISOString();
  if (isRead) return { [UNREAD_TO]: time };
  const [from, to] = [attributes[UNREAD_FROM], attributes[UNREAD_TO]];
  // What was not read then has not been read since.
  const isBehind = from && to && [...targets.values()].some(({ state }) => state.watermark < Date.parse(to));
  return { [UNREAD_FROM]: isBehind ? from : time, [UNREAD_TO]: null };
}

function verdictFor(
  cursor: Cursor<unknown>,
  selection: ClusterSelection,
  tags: ReadonlyMap<string, readonly ClusterTag[] | null> | null,
): Verdict {
  const cluster = clusterOf(cursor);
  const verdict = cluster === null ? 'unknown' : verdictOf(selection, cluster, tags?.get(cluster) ?? null);
  const isRemembered = verdict === 'unknown' && cursor.attributes[VERDICT] != null;
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
