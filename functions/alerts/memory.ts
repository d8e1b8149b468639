import { DAY } from '../../shared/durations.ts';
import { TargetError } from '../../shared/engine/errors.ts';
import type { AlertId } from '../../shared/ids.ts';
import type { KnownAlert } from './known-alert.ts';
import type { AlertsState } from './state.ts';

/** The maximum number of open alerts in a project. */
export const MAX_OPEN_ALERTS = 50_000;

/** The maximum number of open alerts and alerts that ended less than a day ago: they fit into one transaction. */
export const MAX_KNOWN_ALERTS = 65_000;

/** The maximum number of configurations in a project: they fit into the transaction. */
export const MAX_CONFIGURATIONS = 10_000;

/** How long ended alerts are remembered after they were observed to end. */
const MEMORY = DAY;

/** A project has more alerts or configurations than one cursor item can hold. */
export class TooManyAlertsError extends TargetError {
  override readonly name = 'TooManyAlertsError';
  constructor(what: 'open alerts' | 'alert configurations', found: number, max: number) {
    super(
      `the project has ${found} ${what}, and ${max} can be followed: close some, or delete what raises them`,
    );
  }
}

/**
 * Returns the alerts to remember, and up to which creation time alerts are forgotten. When there are too many, those
 * that were created first are forgotten first.
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
  if (open.length > MAX_OPEN_ALERTS)
    throw new TooManyAlertsError('open alerts', open.length, MAX_OPEN_ALERTS);
  const gone = all.filter(({ phase }) => phase !== 'open');
  const fresh = gone.filter(({ since }) => now - since < MEMORY).sort((a, b) => b.created - a.created);
  const kept = fresh.slice(0, MAX_KNOWN_ALERTS - open.length);
  const keep = new Set([...open, ...kept]);
  let to = forgottenTo;
  for (const known of gone) if (!keep.has(known)) to = Math.max(to, known.created);
  return {
    alerts: new Map([...keep].map((known) => [known.id, known])),
    forgottenTo: to,
    early: fresh.length - kept.length,
  };
}
