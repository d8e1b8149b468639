import { type Listing, mayHold } from '../atlas/listing.ts';
import { HOUR } from '../durations.ts';
import { utcDay } from '../lake/format.ts';
import { addTargets, type Cursor, type CursorTarget } from './cursor.ts';

/** Databases and disks seldom change: a source's targets are asked for once in so much time. */
const LISTING_AGE = HOUR;

/** A target is dormant when runs on so many different days have missed it in the listing. */
const DORMANT_AFTER_DAYS = 90;

/** By whichever clock: one that was ahead must not put off the next listing until its time has come. */
export function listingIsDue(cursor: Cursor<unknown>, now: number): boolean {
  return cursor.listingAt === null || Math.abs(now - cursor.listingAt) >= LISTING_AGE;
}

/**
 * Takes in which targets a source has now. One that may be among those that cannot be read stays as it is. `first`
 * makes the state of one that was not known; `perItem` of them share an item of the cursor. `covers` tells which targets
 * the list is about, and `listingAt` when all of them were listed last. Returns the items whose targets changed.
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
    added.map((name) => [
      name,
      { state: first(name), listed: true, missingSince: null, missingDays: 0, missingDay: null },
    ]),
    perItem,
  );
  for (const name of added) changed.add(cursor.targets.get(name)?.item ?? 0);
  cursor.listingAt = listingAt;
  return changed;
}

/** What the list of sources says of one: `silent` when it is listed without data. */
export type Presence = 'listed' | 'silent' | 'unlisted';
/** Whether a target was missed so often that no more than its small record is kept. */
export function isDormant({ missingDays }: Pick<CursorTarget<unknown>, 'missingDays'>): boolean {
  return missingDays >= DORMANT_AFTER_DAYS;
}

/**
 * Notes, for each target of a cursor, that this run has seen it or missed it. What was missed for long enough becomes
 * dormant: `dormant` reduces its state to what must stay for ever, so that nothing of it is written twice should it
 * come back. Days are counted on which a run took place: a collector that was switched off reduces nothing.
 * Returns whether something changed that must be stored.
 */
export function observe<State>(
  cursor: Cursor<State>,
  presence: Presence,
  now: number,
  dormant: (state: State) => State = (state) => state,
): boolean {
  let changed = false;
  for (const target of cursor.targets.values()) {
    if (presence === 'silent' && target.listed) {
      // It is still there: it may be silent for a year, and is not forgotten.
      changed ||= target.missingSince === null || target.missingDays > 0;
      target.missingSince ??= now;
      Object.assign(target, { missingDays: 0, missingDay: null });
      continue;
    }
    if (presence === 'listed' && target.listed) {
      changed ||= target.missingSince !== null;
      Object.assign(target, { missingSince: null, missingDays: 0, missingDay: null } satisfies Partial<
        CursorTarget<State>
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
