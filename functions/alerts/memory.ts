import { DAY } from '../../shared/durations.ts';
import { TargetError } from '../../shared/engine/errors.ts';
import type { AlertId } from '../../shared/ids.ts';
import type { KnownAlert } from './known-alert.ts';
import type { AlertsState } from './state.ts';

/** Open alerts that a project may have. */
export const MOST_OPEN_ALERTS = 50_000;

/** Open ones and those that ended within a day; one transaction has room for so many. */
export const MOST_KNOWN_ALERTS = 65_000;

/** Configurations that a project may have; the transaction has room for so many. */
export const MOST_CONFIGURATIONS = 10_000;

/** Ended alerts are remembered for so long after they were seen to end. */
const MEMORY = DAY;

/** A project has more of something than one cursor item can hold. */
export class TooManyAlertsError extends TargetError {
  override readonly name = 'TooManyAlertsError';
  constructor(what: 'open alerts' | 'alert configurations', found: number, most: number) {
    super(
      `the project has ${found} ${what}, and ${most} can be followed: close some, or delete what raises them`,
    );
  }
}

/**
 * The alerts that are still to be remembered, and how far forgetting goes. Those that were created first are forgotten
 * first where there are too many of them.
 *
 * @throws TooManyAlertsError
 */
export function remembered(
  alerts: ReadonlyMap<AlertId, KnownAlert>,
  forgottenTo: number,
  now: number,
): Pick<AlertsState, 'alerts' | 'forgottenTo'> & { early: number } {
  const all = [...alerts.values()];
  const open = all.filter(({ phase }) => phase === 'open');
  if (open.length > MOST_OPEN_ALERTS)
    throw new TooManyAlertsError('open alerts', open.length, MOST_OPEN_ALERTS);
  const gone = all.filter(({ phase }) => phase !== 'open');
  const fresh = gone.filter(({ since }) => now - since < MEMORY).sort((a, b) => b.created - a.created);
  const kept = fresh.slice(0, MOST_KNOWN_ALERTS - open.length);
  const keep = new Set([...open, ...kept]);
  let to = forgottenTo;
  for (const known of gone) if (!keep.has(known)) to = Math.max(to, known.created);
  return {
    alerts: new Map([...keep].map((known) => [known.id, known])),
    forgottenTo: to,
    early: fresh.length - kept.length,
  };
}
