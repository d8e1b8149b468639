import { type Listing, mayHold } from '../atlas/listing.ts';
import { HOUR } from '../durations.ts';
import { utcDay } from '../lake/format.ts';
import { addTargets, type Cursor, type Target } from './cursor.ts';

/** How long a list of targets is valid. Databases and disks seldom change. */
const LISTING_AGE = HOUR;

/** A target becomes dormant after runs on this many different days have missed it in the listing. */
const DORMANT_AFTER_DAYS = 90;

/**
 * Returns whether a source's targets must be listed again. A listing from the future is due too, because a
 * clock that was ahead must not delay the next one.
 */
export function listingIsDue(cursor: Cursor<unknown>, now: number): boolean {
  return cursor.listingAt === null || Math.abs(now - cursor.listingAt) >= LISTING_AGE;
}

/**
 * Applies a listing of a source's targets to its cursor. A target that may be among the unreadable items
 * stays as it is. Returns the items whose targets changed.
 *
 * @param listingAt when all of the source's targets were last listed
 * @param first returns the state of a new target
 * @param perItem number of targets that share an item of the cursor
 * @param covers whether the list is about a target
 */
export function applyListing<State>(
  cursor: Cursor<State>,
  names: Listing<string>,
  listingAt: number | null,
  first: (name: string) => State,
  perItem: number,
  covers: (name: string) => boolean = () => true,
): Set<number> {
  const listed = new Set(names.items);
  const changed = new Set<number>();
  for (const [name, target] of cursor.targets) {
    const isListed = listed.has(name);
    if (!covers(name) || target.listed === isListed || (!isListed && mayHold(names, name))) continue;
    target.listed = isListed;
    changed.add(target.item);
  }
  const added = [...listed].filter((name) => !cursor.targets.has(name));
  addTargets(
    cursor,
    added.map((name) => [name, first(name)]),
    perItem,
  );
  for (const name of added) changed.add(cursor.targets.get(name)?.item ?? 0);
  cursor.listingAt = listingAt;
  return changed;
}

/** What the list of sources says about a source; `without-data` if it is listed without data. */
export type Presence = 'listed' | 'without-data' | 'unlisted';
/** Returns whether a target has been missed so often that only its reduced state is kept. */
export function isDormant({ missingDays }: Pick<Target<unknown>, 'missingDays'>): boolean {
  return missingDays >= DORMANT_AFTER_DAYS;
}

/**
 * Records for each target of a cursor whether this run has seen it. A target that is missed for long enough
 * becomes dormant: `dormant` reduces its state to what must stay forever, so that nothing is written twice if
 * it comes back. Only days with a run count, so a collector that was switched off reduces nothing. Returns
 * whether a change must be stored.
 */
export function observe<State>(
  cursor: Cursor<State>,
  presence: Presence,
  now: number,
  dormant: (state: State) => State = (state) => state,
): boolean {
  let changed = false;
  for (const target of cursor.targets.values()) {
    if (presence === 'without-data' && target.listed) {
      // The target still exists. It may have no data for a year, and is not forgotten.
      changed ||= target.missingSince === null || target.missingDays > 0;
      target.missingSince ??= now;
      Object.assign(target, { missingDays: 0, missingDay: null });
      continue;
    }
    if (presence === 'listed' && target.listed) {
      changed ||= target.missingSince !== null;
      Object.assign(target, { missingSince: null, missingDays: 0, missingDay: null } satisfies Partial<
        Target<State>
      >);
      continue;
    }
    target.missingSince ??= now;
    const day = utcDay(now);
    if (target.missingDay === day || isDormant(target)) continue;
    changed = true;
    target.missingDay = day;
    target.missingDays += 1;
    if (isDormant(target)) target.state = dormant(target.state);
  }
  return changed;
}
