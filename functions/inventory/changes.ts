import { type Listing, mayHold } from '../../shared/atlas/listing.ts';
import { DAY } from '../../shared/durations.ts';
import type { Resource } from './content.ts';

/** What is known of a resource. */
export interface Known {
  name: string | null;
  hash: string;
  /** Hashes of its fields; empty if there was no room for them. */
  fields: ReadonlyMap<string, string>;
  /** The first listing that missed it after the last one that had it; null if the last listing had it. */
  missingSince: number | null;
}

/** What is known of the resources of one list, as far as comparing needs it. */
export interface Knowledge {
  resources: ReadonlyMap<string, Known>;
  /** When each resource was last written in full; null before the first listing. */
  snapshotAt: number | null;
}

/** The content of one future row. */
export interface Change {
  change: 'added' | 'changed' | 'removed' | 'snapshot';
  id: string;
  name: string | null;
  hash: string;
  /** JSON; null for a removed resource. */
  document: string | null;
  /** Names of the fields that differ, sorted; null when unknown or not applicable. */
  changedFields: readonly string[] | null;
}

/**
 * Every resource is written at least once a week, so that older days can be deleted. The period is a day shorter, so
 * that one bad day does not make it two weeks.
 */
const SNAPSHOT_PERIOD = 6 * DAY;

/**
 * Returns whether a list must be read before its next turn: it lacked a resource, and only another list shows whether
 * the resource is gone; or its resources are to be written in full.
 */
export function isUrgent({ resources, snapshotAt }: Knowledge, now: number): boolean {
  if (snapshotAt !== null && now - snapshotAt >= SNAPSHOT_PERIOD) return true;
  return [...resources.values()].some(({ missingSince }) => missingSince !== null);
}

/**
 * Compares a complete list with what is known.
 *
 * A missing resource may have moved from one page to another while the pages were read. It counts as removed when the
 * next listing misses it too. A resource that may be among the unreadable items stays as it is known.
 *
 * @param listedAt when the list was made, ms: it distinguishes listings
 */
export function compare(
  knowledge: Knowledge,
  listed: Listing<Resource>,
  listedAt: number,
): { changes: Change[]; knowledge: Knowledge } {
  const snapshotDue = knowledge.snapshotAt !== null && listedAt - knowledge.snapshotAt >= SNAPSHOT_PERIOD;
  const resources = new Map<string, Known>();
  const changes: Change[] = [];
  for (const resource of listed.items) {
    const { id, name, hash, fields, document } = resource;
    // A list that shifts can contain a resource twice. The first one counts, as in every list.
    if (resources.has(id)) continue;
    const before = knowledge.resources.get(id);
    resources.set(id, { name, hash, fields, missingSince: null });
    const row = { id, name, hash, document, changedFields: null };
    if (before === undefined) changes.push({ ...row, change: 'added' });
    else if (before.hash !== hash)
      changes.push({ ...row, change: 'changed', changedFields: differing(before.fields, fields) });
    else if (snapshotDue) changes.push({ ...row, change: 'snapshot' });
  }
  for (const [id, known] of knowledge.resources) {
    if (resources.has(id)) continue;
    const { name, hash, missingSince } = known;
    if (mayHold(listed, id)) {
      resources.set(id, known);
    } else if (missingSince !== null && missingSince < listedAt) {
      changes.push({ change: 'removed', id, name, hash, document: null, changedFields: null });
    } else {
      resources.set(id, { ...known, missingSince: missingSince ?? listedAt });
    }
  }
  const snapshotAt = knowledge.snapshotAt === null || snapshotDue ? listedAt : knowledge.snapshotAt;
  return { changes, knowledge: { resources, snapshotAt } };
}

function differing(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] | null {
  if (before.size === 0) return null;
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

/** Returns what is known without times after an instant: those come from a fast clock. */
export function knownBy(knowledge: Knowledge, instant: number): Knowledge {
  const earlier = (time: number | null) => time && Math.min(time, instant);
  const resources = [...knowledge.resources].map(
    ([id, known]) => [id, { ...known, missingSince: earlier(known.missingSince) }] as const,
  );
  return { resources: new Map(resources), snapshotAt: earlier(knowledge.snapshotAt) };
}
