import { fractionAt, hashText } from '../hash.ts';
import type { Organisation } from '../organisation/types.ts';
import { HOUR } from '../time.ts';

/**
 * Things that come, change and go: a pure function of seed and time. Each kind of thing has some slots; a slot is taken
 * by one thing for a life, is empty for a while, and is taken by another.
 */

/** A thing that exists at an instant. */
export interface Thing {
  /** Differs from that of every other thing, those that had its slot before it included. */
  key: string;
  slot: number;
  /** When it came to be; milliseconds since 1970. */
  since: number;
  /** How often it has changed since then. */
  revision: number;
  /** When it last did. */
  changedAt: number;
}

/** Lives last from two to six days, the last quarter empty; between two changes of one thing are 8 to 24 hours. */
const LIFE = 48 * HOUR;
const TAKEN = 0.75;
const CHANGE = 8 * HOUR;

/** The things of a kind that exist at an instant, in the order of their slots. The first slot is never empty. */
export function thingsAt(organisation: Organisation, kind: string, slots: number, now: number): Thing[] {
  return Array.from({ length: slots }, (_, slot) => thingAt(organisation, kind, slot, now)).flat();
}

function thingAt(organisation: Organisation, kind: string, slot: number, now: number): Thing[] {
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
