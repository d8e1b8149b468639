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

/** Something that happened to a resource: what it is like from then on, or was until then. */
export interface DriftingResourceChange {
  change: 'added' | 'changed' | 'removed';
  at: number;
  resource: DriftingResource;
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

/** Returns what happens to the resources of a kind in [from, to). Without drift, nothing does. */
export function driftingResourceChanges(
  organisation: Organisation,
  kind: string,
  slots: number,
  from: number,
  to: number,
): DriftingResourceChange[] {
  if (!organisation.drift) return [];
  return Array.from({ length: slots }, (_, slot) => {
    const changes: DriftingResourceChange[] = [];
    const { firstLife, livesAt } = slotOf(organisation, kind, slot);
    for (let life = firstLife(from); ; life += 1) {
      const { key, since, until, step } = livesAt(life);
      if (since >= to) return changes;
      const add = (change: DriftingResourceChange['change'], at: number, revision: number) => {
        if (at < from || at >= to) return;
        const changedAt = since + Math.floor(revision * step);
        changes.push({ change, at, resource: { key, slot, since, revision, changedAt } });
      };
      add('added', since, 0);
      const end = Math.min(to, until);
      const first = Math.max(1, Math.ceil((from - since) / step));
      for (let revision = first; since + Math.floor(revision * step) < end; revision += 1)
        add('changed', since + Math.floor(revision * step), revision);
      if (until === Infinity) return changes;
      add('removed', Math.ceil(until), Math.floor((until - since) / step));
    }
  }).flat();
}

function driftingResourceAt(
  organisation: Organisation,
  kind: string,
  slot: number,
  now: number,
): DriftingResource[] {
  const created = organisation.projects[0]?.created ?? 0;
  if (!organisation.drift) {
    const key = `${organisation.seed}/${kind}/${slot}`;
    return [{ key, slot, since: created, revision: 0, changedAt: created }];
  }
  const { firstLife, livesAt } = slotOf(organisation, kind, slot);
  const { key, since, until, step } = livesAt(firstLife(now));
  if (now >= until) return [];
  const revision = Math.floor((now - since) / step);
  return [{ key, slot, since, revision, changedAt: since + Math.floor(revision * step) }];
}

/** One resource's time in a slot. It exists in [since, until), and changes every `step` milliseconds. */
interface Life {
  key: string;
  since: number;
  until: number;
  step: number;
}

/** Returns the lives in a slot, and the number of the one that an instant belongs to. */
function slotOf(
  organisation: Organisation,
  kind: string,
  slot: number,
): { firstLife(now: number): number; livesAt(life: number): Life } {
  const name = `${organisation.seed}/${kind}/${slot}`;
  const hash = hashText(name);
  const created = organisation.projects[0]?.created ?? 0;
  const period = LIFE * (1 + 2 * fractionAt(hash, 0));
  const offset = period * fractionAt(hash, 1);
  return {
    firstLife: (now) => (slot === 0 ? 0 : Math.floor((now - created + offset) / period)),
    livesAt: (life) => {
      const since = slot === 0 ? created : Math.floor(created - offset + life * period);
      return {
        key: `${name}/${life}`,
        since,
        until: slot === 0 ? Infinity : since + TAKEN * period,
        step: CHANGE * (1 + 2 * fractionAt(hash, 2 + life)),
      };
    },
  };
}
