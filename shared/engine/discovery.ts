import { type AtlasError, AtlasResponseError } from '../atlas/errors.ts';
import { type Listing, mayHold } from '../atlas/listing.ts';
import type { CursorItem } from '../cursors/document.ts';
import type { Subject } from '../ids.ts';
import {
  type ClusterSelection,
  type ListedClusters,
  select,
  selected,
  storedVerdict,
} from './cluster-selection.ts';
import { type Cursor, newCursor, type SourceAttributes, type Target } from './cursor.ts';
import { decodeCursors } from './cursor-codec.ts';
import type { Source, TargetState } from './dataset.ts';
import { classifyError, type Failure, NEXT_TICK, type Stop, type Wait } from './errors.ts';
import { pullBack } from './future-watermarks.ts';
import { listingIsDue, observe, type Presence } from './listing.ts';
import { Changes, type Due, type ListingScope, listTargets, type TargetLists } from './target-lists.ts';
import { missAll, type Vanished } from './vanished.ts';

/** What there is to collect of a subject. */
export interface Discovery<State> extends TargetLists {
  targets: readonly Target<State>[];
  /** Cursor items that must be stored even if none of their targets advances. */
  changed: ReadonlyMap<Cursor<State>, ReadonlySet<number>>;
  clusters: ListedClusters;
  /** Whether lists of targets wait until known targets are read. */
  isPostponed: boolean;
}

export interface DiscoveryScope<State extends TargetState> extends ListingScope<State> {
  subject: Subject;
  /** The clusters to collect; null for all. */
  clusters: ClusterSelection | null;
  /** Set if Atlas no longer shows the project or organisation. */
  vanished: Vanished | null;
  /** Why Atlas cannot be reached at all, not even for its time; null if it can. */
  unreachable: AtlasError | null;
  /** Whether lists of targets wait as long as known targets have something to read. */
  readsFirst: boolean;
}

const FUTURE_WATERMARKS =
  "targets were marked as read beyond Atlas's clock: they are read again from where that is certain";

/** Compares what Atlas lists with what the cursors know. Errors of Atlas become part of the result. */
export async function discover<State extends TargetState>(
  scope: DiscoveryScope<State>,
  items: readonly CursorItem[],
): Promise<Discovery<State>> {
  const { collector, codec, atlas, subject, time, vanished, unreachable } = scope;
  const cursors = decodeCursors(codec, items);
  const changed = new Changes<State>();
  const pulled = pullBack(collector, cursors, atlas.latest());
  for (const [cursor, its] of pulled.changed) changed.some(cursor, its);
  if (pulled.targets > 0) atlas.remarks.notes.add(`${pulled.targets} ${FUTURE_WATERMARKS}`);
  const choose = async (listed: ReadonlySet<string>, mayRequestTags: boolean) => {
    const selection = { atlas, subject, clusters: scope.clusters, now: time.now };
    const isListed = (source: string) => listed.has(source);
    const { changed: own, ...clusters } = await select(selection, cursors.values(), isListed, mayRequestTags);
    for (const cursor of own) changed.whole(cursor);
    return clusters;
  };
  if (vanished) {
    await choose(new Set(), false);
    for (const cursor of missAll(selected(cursors), vanished, time.now, collector.dormant))
      changed.whole(cursor);
    return { ...NOTHING_LISTED, targets: allTargets(cursors), changed: changed.items };
  }
  let sources: Listing<Source>;
  try {
    if (unreachable) throw unreachable;
    sources = await collector.listSources(atlas, freshAttributes(cursors, time.now));
  } catch (error) {
    let classified = classifyError(error);
    try {
      // Known targets may still be read, but only those of selected clusters.
      await choose(new Set(), !unreachable && classified.kind === 'failure');
    } catch (refusal) {
      classified = classifyError(refusal);
    }
    return { ...unlisted(subject, cursors, classified), changed: changed.items };
  }
  for (const source of sources.items) {
    const cursor = cursors.get(source.id) ?? newCursor<State>(source.id, source.attributes);
    cursors.set(source.id, cursor);
    cursor.hasData = source.hasData;
    // Atlas reports little about a source without data, so its attributes stay as they were.
    if (!source.hasData) continue;
    // Attributes that the source does not report now stay as they were, too.
    const attributes = { ...cursor.attributes, ...known(source.attributes, cursor.attributes) };
    if (!sameAttributes(cursor.attributes, attributes)) changed.whole(cursor);
    cursor.attributes = attributes;
  }
  let clusters: ListedClusters;
  try {
    clusters = await choose(new Set(sources.items.map(({ id }) => id)), true);
  } catch (error) {
    return { ...unlisted(subject, cursors, classifyError(error)), changed: changed.items };
  }
  const due = sources.items.flatMap((source): Due<State>[] => {
    const cursor = cursors.get(source.id);
    if (!cursor || storedVerdict(cursor) !== 'selected') return [];
    // A new source without data may have had data earlier, so its targets are listed once.
    const isDue = source.hasData ? listingIsDue(cursor, time.now) : cursor.listingAt === null;
    return isDue ? [{ source, cursor }] : [];
  });
  // The oldest first: if time runs out, another run continues from there.
  due.sort((a, b) => (a.cursor.listingAt ?? 0) - (b.cursor.listingAt ?? 0));
  const mustWait =
    scope.readsFirst && allTargets(cursors).some((one) => collector.nextStep(one, time) !== null);
  const read = mustWait
    ? { ...NOTHING_LISTED, unread: due.length, isPostponed: due.length > 0 }
    : { isPostponed: false, ...(await listTargets(scope, due, cursors, changed)) };
  const listed = new Map(sources.items.map((source) => [source.id, source]));
  for (const cursor of selected(cursors).values()) {
    // A source that may be among the unreadable items has not been seen, but is not missing either.
    if (!listed.has(cursor.source) && mayHold(sources, cursor.source)) continue;
    const presence = presenceOf(listed.get(cursor.source));
    if (observe(cursor, presence, time.now, collector.dormant)) changed.whole(cursor);
  }
  return { ...read, clusters, targets: allTargets(cursors), changed: changed.items };
}

const NOTHING_LISTED = {
  ...{ failures: [], listings: 0, unread: 0, stop: null, wait: null, isPostponed: false },
  clusters: { selected: [], deselected: [] },
};

function presenceOf(source: Source | undefined): Presence {
  if (!source) return 'unlisted';
  return source.hasData ? 'listed' : 'without-data';
}

/** Returns the stop of a run that can do nothing until Atlas allows more requests. */
function stopOf({ error }: Wait): Stop {
  return { kind: 'stop', error, resume: { kind: 'at', time: error.retryAt } };
}

/**
 * Returns the discovery of a run without a list of sources, where nothing counts as missing. If only this response makes
 * no sense, the run still collects known targets, except those that were missing or without data before: only a list
 * says whether they are back. If Atlas does not respond, or has no request left for the list, the run stops. It does not
 * try targets one by one, and empty answers of a source that is without data by now would pass for read.
 */
function unlisted<State extends TargetState>(
  subject: Subject,
  cursors: ReadonlyMap<string, Cursor<State>>,
  classified: Stop | Wait | Failure,
): Omit<Discovery<State>, 'changed'> {
  const targets = allTargets(cursors);
  if (classified.kind === 'wait') return { ...NOTHING_LISTED, targets, stop: stopOf(classified) };
  if (classified.kind === 'stop') return { ...NOTHING_LISTED, targets, stop: classified };
  const { error } = classified;
  const present = targets.filter(({ missingSince }) => missingSince === null);
  if (error instanceof AtlasResponseError && present.length > 0) {
    return { ...NOTHING_LISTED, targets: present, failures: [{ target: subject.id, error }] };
  }
  return { ...NOTHING_LISTED, targets, stop: { kind: 'stop', error, resume: NEXT_TICK } };
}

/** Returns the attributes that a source reports, without a cluster that is unknown now and was known before. */
function known(reported: SourceAttributes, before: SourceAttributes): SourceAttributes {
  const { cluster_name: cluster, ...others } = reported;
  if (cluster !== null || before['cluster_name'] == null) return reported;
  return others;
}

function allTargets<State>(cursors: ReadonlyMap<string, Cursor<State>>): Target<State>[] {
  return [...selected(cursors).values()].flatMap(({ targets }) => [...targets.values()]);
}

function freshAttributes(
  cursors: ReadonlyMap<string, Cursor<unknown>>,
  now: number,
): Map<string, SourceAttributes> {
  const fresh = new Map<string, SourceAttributes>();
  for (const [source, cursor] of cursors)
    if (!listingIsDue(cursor, now)) fresh.set(source, cursor.attributes);
  return fresh;
}

function sameAttributes(a: SourceAttributes, b: SourceAttributes): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}
