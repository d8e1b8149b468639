import { fractionAt, hashText } from '../hash.ts';
import type { Organisation } from '../organisation/types.ts';
import { HOUR } from '../time.ts';

/**
 * Resources that appear, change and disappear: a pure function of seed and time. Each kind has some slots. One resource
 * takes a slot for its lifetime, the slot stays empty for a while, and another takes it.
 */

/** A resource that exists at an instant. */
export interface DriftingResource {
  /** Unique among all resources, including earlier ones of its slot. */
  key: string;
  slot: number;
  /** When it was created; milliseconds since 1970. */
  since: number;
  /** How often it has changed since then. */
  revision: number;
  /** When it last changed. */
  changedAt: number;
}

/** Lifetimes last from two to six days, of which the last quarter is empty. A resource changes every 8 to 24 hours. */
const LIFE = 48 * HOUR;
const TAKEN = 0.75;
const CHANGE = 8 * HOUR;

/**
 * Returns the resources of a kind that exist at an instant, in the order of their slots. The first slot is never empty.
 */
export function driftingResourcesAt(
  organisation: Organisation,
  kind: string,
  slots: number,
  now: number,
): DriftingResource[] {
  return Array.from({ length: slots }, (_, slot) => driftingResourceAt(organisation, kind, slot, now)).flat();
}

function driftingResourceAt(
  organisation: Organisation,
  kind: string,
  slot: number,
  now: number,
): DriftingResource[] {
  const name = `${organisation.seed}/${kind}/${slot}`;
  const hash = hashText(name);
  const created = organisation.projects[0]?.created ?? 0;
  if (!organisation.drift) return [{ key: name, slot, since: created, revision: 0, changedAt: created }];
  const period = LIFE * (1 + 2 * fractionAt(hash, 0));
  const offset = period * fractionAt(hash, 1);
  const life = slot === 0 ? 0 : Math.floor((now - created + offset) / period);
  const since = slot === 0 ? created : Math.floor(created - offset + life * period);
  if (slot > 0 && now - since >= TAKEN * period) return [];
  const step = CHANGE * (1 + 2 * fractionAt(hash, 2 + life));
  const revision = Math.floor((now - since) / step);
  const changedAt = since + Math.floor(revision * step);
  return [{ key: `${name}/${life}`, slot, since, revision, changedAt }];
}
