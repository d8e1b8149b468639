import pLimit from 'p-limit';
import type { AtlasSession } from '../atlas/api.ts';
import { AtlasResponseError } from '../atlas/errors.ts';
import type { CursorItem } from '../cursors/document.ts';
import type { ProjectId } from '../ids.ts';
import { type Cursor, type CursorTarget, decodeCursors, newCursor, targetsPerItem } from './cursor.ts';
import type { Owner, OwnerAttributes, TargetState, TypedCollector } from './dataset.ts';
import { applyListing, listingIsDue, observe, type Presence } from './listing.ts';
import type { TargetFailure } from './result.ts';
import { type Failure, type Stop, sortOut } from './trouble.ts';
import type { RunTime } from './windows.ts';

/** A target, with the cursor that holds it. */
export interface KnownTarget<State> {
  cursor: Cursor<State>;
  name: string;
  target: CursorTarget<State>;
  /** Atlas lists it, and the owner that has it, now. */
  listed: boolean;
  /** Its owner is listed without data: it is asked for what it had before. */
  silent: boolean;
}

/** What there is to collect in a project. */
export interface Discovery<State> {
  targets: readonly KnownTarget<State>[];
  /** Cursors that must be stored even if none of their targets moves. */
  changed: readonly Cursor<State>[];
  failures: readonly TargetFailure[];
  /** Why the run cannot go on, if so. */
  stop: Stop | null;
}

export interface DiscoveryScope<State extends TargetState> {
  collector: TypedCollector<State>;
  atlas: AtlasSession;
  project: ProjectId;
  time: RunTime;
}

/** Lists of targets that are asked for at a time: one request each, of the same bucket. */
const CONCURRENT_LISTINGS = 6;

/** Compares what Atlas lists with what the cursors know. Trouble with Atlas is part of the answer. */
export async function discover<State extends TargetState>(
  scope: DiscoveryScope<State>,
  items: readonly CursorItem[],
): Promise<Discovery<State>> {
  const { collector, atlas, project, time } = scope;
  const cursors = decodeCursors(collector, items);
  let owners: Owner[];
  try {
    owners = await collector.listOwners(atlas, project, freshAttributes(cursors, time.now));
  } catch (error) {
    return unlisted(project, cursors, sortOut(error));
  }
  const changed = new Set<Cursor<State>>();
  const due: Array<{ owner: Owner; cursor: Cursor<State> }> = [];
  for (const owner of owners) {
    const cursor = cursors.get(owner.id) ?? newCursor<State>(owner.id, owner.attributes);
    cursors.set(owner.id, cursor);
    // What has no data is not known well either: the attributes stay as they were. One that is seen for the first time
    // may have had data before, and is asked once for its targets.
    if (!owner.askable) {
      if (cursor.listingAt === null) due.push({ owner, cursor });
      continue;
    }
    if (!sameAttributes(cursor.attributes, owner.attributes)) changed.add(cursor);
    cursor.attributes = owner.attributes;
    if (listingIsDue(cursor, time.now)) due.push({ owner, cursor });
  }
  const { failures, stop } = await listTargets(scope, due, changed);
  const listed = new Map(owners.map((owner) => [owner.id, owner]));
  for (const cursor of cursors.values()) {
    const presence = presenceOf(listed.get(cursor.owner));
    if (observe(cursor, presence, time.now, collector.dormant)) changed.add(cursor);
  }
  return { targets: known(cursors, listed), changed: [...changed], failures, stop };
}

function presenceOf(owner: Owner | undefined): Presence {
  if (!owner) return 'unlisted';
  return owner.askable ? 'listed' : 'silent';
}

/**
 * Without a list nothing is missing from it. Where Atlas answers and only this one answer makes no sense, what is
 * known already is collected all the same; where it does not answer, the targets need not be tried one by one.
 */
function unlisted<State extends TargetState>(
  project: ProjectId,
  cursors: ReadonlyMap<string, Cursor<State>>,
  trouble: Stop | Failure,
): Discovery<State> {
  const targets = known(cursors, null);
  if (trouble.kind === 'stop') return { targets, changed: [], failures: [], stop: trouble };
  const { error } = trouble;
  if (error instanceof AtlasResponseError && targets.length > 0) {
    return { targets, changed: [], failures: [{ target: project, error }], stop: null };
  }
  return { targets, changed: [], failures: [], stop: { kind: 'stop', error, continueAt: null } };
}

async function listTargets<State extends TargetState>(
  { collector, atlas, project, time }: DiscoveryScope<State>,
  due: readonly { owner: Owner; cursor: Cursor<State> }[],
  changed: Set<Cursor<State>>,
): Promise<{ failures: TargetFailure[]; stop: Stop | null }> {
  const failures: TargetFailure[] = [];
  let stop: Stop | null = null;
  const limit = pLimit(CONCURRENT_LISTINGS);
  const listings = due.map(({ owner, cursor }) =>
    limit(async () => {
      if (stop) return;
      try {
        const names = await collector.listTargets(atlas, project, owner);
        if (names === null) return;
        const first = (name: string) => collector.firstState({ project, owner: owner.id, name }, time);
        applyListing(cursor, names, time.now, first, targetsPerItem(collector));
        changed.add(cursor);
      } catch (error) {
        const trouble = sortOut(error);
        if (trouble.kind === 'stop') stop = trouble;
        else if (owner.askable) failures.push({ target: owner.id, error: trouble.error });
        else {
          // A host that is down has no lists: no failure, and no reason to ask again before it is back.
          cursor.listingAt = time.now;
          changed.add(cursor);
        }
      }
    }),
  );
  await Promise.all(listings);
  return { failures, stop };
}

/** `owners`: those that Atlas lists now; null when that is not known, and all are asked. */
function known<State>(
  cursors: ReadonlyMap<string, Cursor<State>>,
  owners: ReadonlyMap<string, Owner> | null,
): KnownTarget<State>[] {
  return [...cursors.values()].flatMap((cursor) => {
    const owner = owners?.get(cursor.owner);
    return [...cursor.targets].map(([name, target]) => ({
      cursor,
      name,
      target,
      listed: target.missingSince === null,
      silent: owner?.askable === false,
    }));
  });
}

function freshAttributes(
  cursors: ReadonlyMap<string, Cursor<unknown>>,
  now: number,
): Map<string, OwnerAttributes> {
  const fresh = new Map<string, OwnerAttributes>();
  for (const [owner, cursor] of cursors) if (!listingIsDue(cursor, now)) fresh.set(owner, cursor.attributes);
  return fresh;
}

function sameAttributes(a: OwnerAttributes, b: OwnerAttributes): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}
