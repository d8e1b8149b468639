import { fractionAt, hashText } from '../hash.ts';
import type { Organisation } from '../organisation/types.ts';
import { DAY, HOUR } from '../time.ts';

/** What costs are for: the whole organisation, a project, or a cluster. */
export interface CostScope {
  project?: string;
  cluster?: string;
}

/** The cost of one service in one month. */
export interface Cost {
  service: string;
  /** The first day of the month; milliseconds since 1970. */
  month: number;
  /** US dollars, whole cents. */
  amount: number;
}

/** How long after a month's end late usage is added to it. */
const CORRECTED_AFTER = 3 * DAY;

/** Returns the month after the one that starts at an instant. */
export function monthAfter(month: number): number {
  const date = new Date(month);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** Returns the costs of months that start in [from, to), as known at an instant: a pure function of seed and time. */
export function costsAt(
  organisation: Organisation,
  scope: CostScope,
  from: number,
  to: number,
  now: number,
): Cost[] {
  const costs: Cost[] = [];
  for (let month = from; month < to && month <= now; month = monthAfter(month)) {
    const cents = new Map<string, number>();
    for (const { key, service } of itemsOf(organisation, scope)) {
      const amount = centsAt(organisation, `${key}/${service}`, month, now);
      cents.set(service, (cents.get(service) ?? 0) + amount);
    }
    for (const [service, sum] of cents) if (sum > 0) costs.push({ service, month, amount: sum / 100 });
  }
  return costs;
}

function itemsOf(
  organisation: Organisation,
  { project, cluster }: CostScope,
): { key: string; service: string }[] {
  const projects = organisation.projects.filter(({ id }) => project === undefined || id === project);
  const items = projects.flatMap(({ id, clusters }) => [
    ...clusters
      .filter((candidate) => cluster === undefined || candidate.id === cluster)
      .flatMap(({ id: key }) => ['Clusters', 'Backup'].map((service) => ({ key, service }))),
    ...(cluster === undefined ? [{ key: id, service: 'Data Transfer' }] : []),
  ]);
  const whole = project === undefined && cluster === undefined;
  return whole ? [...items, { key: organisation.id, service: 'Support' }] : items;
}

function centsAt(organisation: Organisation, key: string, month: number, now: number): number {
  const hash = hashText(`${organisation.seed}/cost/${key}`);
  const perHour = 5 + 200 * fractionAt(hash, 0);
  const end = monthAfter(month);
  const used = organisation.drift ? Math.floor((Math.min(now, end) - month) / HOUR) : 720;
  const late = organisation.drift && now >= end + CORRECTED_AFTER ? 1.02 : 1;
  return Math.round(perHour * used * late);
}
