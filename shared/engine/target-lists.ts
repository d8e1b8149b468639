import pLimit from 'p-limit';
import type { AtlasSession } from '../atlas/api.ts';
import { isWhole } from '../atlas/listing.ts';
import { type Cursor, itemsOf } from './cursor.ts';
import { targetsPerItem } from './cursor-codec.ts';
import type { Collector, Source, StateCodec, TargetState } from './dataset.ts';
import { classifyError, type Failure, type Stop, type Wait } from './errors.ts';
import { applyListing } from './listing.ts';
import type { RunTime } from './run-clock.ts';
import type { TargetFailure } from './run-result.ts';

/** What became of the lists of targets. */
export interface TargetLists {
  failures: readonly TargetFailure[];
  /** Number of target lists that were read. */
  listings: number;
  /** Number of lists that there was no time or request to read. */
  unread: number;
  /** Why the run cannot continue; null if it can. */
  stop: Stop | null;
  /** The rate limit of the lists that were not read; null if all were, or there was no time. */
  wait: Wait | null;
}

export interface ListingScope<State extends TargetState> {
  collector: Collector<State>;
  codec: StateCodec<State>;
  atlas: AtlasSession;
  time: RunTime;
  /** Returns whether there is time for another list of targets. */
  mayList(): boolean;
}

/** A source whose targets must be listed. */
export interface Due<State> {
  source: Source;
  cursor: Cursor<State>;
}

/** Maximum concurrent target lists: one request each, from the same rate-limit bucket. */
const CONCURRENT_LISTINGS = 6;

/** Collects which cursor items have changed. */
export class Changes<State> {
  readonly items = new Map<Cursor<State>, Set<number>>();

  some(cursor: Cursor<State>, items: Iterable<number>): void {
    const all = this.items.get(cursor) ?? new Set();
    for (const item of items) all.add(item);
    if (all.size > 0) this.items.set(cursor, all);
  }

  whole(cursor: Cursor<State>): void {
    this.some(cursor, itemsOf(cursor));
  }
}

/**
 * Lists the targets of sources and applies the lists to their cursors. Errors of Atlas become part of the result.
 *
 * @param due the sources, in order
 * @param cursors the cursors of all sources, because a list may belong to another source
 * @param changed collects the cursor items that must be stored
 */
export async function listTargets<State extends TargetState>(
  { collector, codec, atlas, time, mayList }: ListingScope<State>,
  due: readonly Due<State>[],
  cursors: ReadonlyMap<string, Cursor<State>>,
  changed: Changes<State>,
): Promise<TargetLists> {
  const failures: TargetFailure[] = [];
  let stop: Stop | null = null;
  let wait: Wait | null = null;
  let listings = 0;
  let unread = 0;
  const report = (classified: Stop | Wait | Failure, { id }: Source) => {
    if (classified.kind === 'stop') stop = classified;
    else if (classified.kind === 'wait') {
      wait = classified;
      unread += 1;
    } else if (classified.note !== null) atlas.remarks.notes.add(classified.note);
    else failures.push({ target: id, error: classified.error });
  };
  const limit = pLimit(CONCURRENT_LISTINGS);
  const lists = due.map(({ source, cursor }) =>
    limit(async () => {
      if (stop) return;
      if (!mayList()) {
        unread += 1;
        return;
      }
      try {
        const names = await collector.listTargets(atlas, source);
        if (names === null) return;
        const { of, covers } = source.lists ?? {};
        const holder = (of === undefined ? undefined : cursors.get(of)) ?? cursor;
        // After an incomplete list, the next run lists the targets again.
        const listingAt = isWhole(names) ? time.now : cursor.listingAt;
        const holderListedAt = holder === cursor ? listingAt : holder.listingAt;
        const perItem = targetsPerItem(codec);
        changed.some(
          holder,
          applyListing(
            holder,
            names,
            holderListedAt,
            (name) => collector.firstState(time, name),
            perItem,
            covers,
          ),
        );
        cursor.listingAt = listingAt;
        changed.whole(cursor);
        listings += 1;
        if ('failures' in names) for (const error of names.failures) report(classifyError(error), source);
      } catch (error) {
        const classified = classifyError(error);
        if (classified.kind !== 'failure' || source.hasData) {
          report(classified, source);
          return;
        }
        // A host that is down has no lists. That is no failure, and no reason to ask again before it is
        // back.
        cursor.listingAt = time.now;
        changed.whole(cursor);
      }
    }),
  );
  await Promise.all(lists);
  return { failures, stop, wait, listings, unread };
}
