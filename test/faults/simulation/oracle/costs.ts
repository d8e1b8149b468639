import { HOUR } from '../../../../shared/durations.ts';
import type { Organisation } from '../../../../simulator/organisation.ts';
import { type CostScope, costsAt } from '../../../../simulator/resources/costs.ts';
import { namedCredentialsOf } from '../generators/credentials.ts';
import { minuteOf } from '../history.ts';
import type { RunRecord } from '../world.ts';
import { type Advance, advancesOf } from './advances.ts';
import { formatInstant } from './instants.ts';
import { type CommittedRow, checkRevisions } from './lake.ts';
import { runsOf } from './runs.ts';
import type { SimulatedHistory } from './simulated-history.ts';

const DATASET = 'cost_usage';

/** Checks every promise about costs: the rows of each scope add up to what Atlas reported to the last run. */
export function checkCosts({ history, organisation, world, lake }: SimulatedHistory): string[] {
  const named = namedCredentialsOf(history.seed);
  const isRead = (project: string | undefined, at: number) => {
    if (project === undefined || named === null || at < minuteOf(named.namedAt)) return true;
    // A run lists the projects of one credential. Which one reads the organisation depends on the faults.
    const number = organisation.projects.findIndex(({ id }) => id === project);
    return Object.values(named.projects).every((numbers) => numbers.includes(number));
  };
  const scopes: { name: string; scope: CostScope }[] = organisation.projects.flatMap(({ id, clusters }) => [
    { name: id, scope: { project: id } },
    ...clusters.map((cluster) => ({
      name: [id, cluster.id, cluster.name].join('/'),
      scope: { project: id, cluster: cluster.id },
    })),
  ]);
  return [{ name: '$self', scope: {} }, ...scopes].flatMap(({ name, scope }) =>
    checkScope(organisation, scope, {
      rows: lake.rows(DATASET).filter(({ values }) => isOf(scope, values)),
      runs: runsOf(world, { dataset: DATASET, subject: organisation.id }).filter(({ startedAt }) =>
        isRead(scope.project, startedAt),
      ),
      advances: advancesOf(
        world,
        { dataset: DATASET, subject: organisation.id, source: organisation.id, name },
        ({ startedAt }) => startedAt,
      ),
    }).map((violation) => `${DATASET} ${name}: ${violation}`),
  );
}

function isOf({ project, cluster }: CostScope, values: CommittedRow['values']): boolean {
  return values['project_id'] === (project ?? null) && values['cluster_id'] === (cluster ?? null);
}

function checkScope(
  organisation: Organisation,
  scope: CostScope,
  {
    rows,
    runs,
    advances,
  }: { rows: readonly CommittedRow[]; runs: readonly RunRecord[]; advances: readonly Advance[] },
): string[] {
  const violations: string[] = [];
  for (const { finishedAt, result, tick } of runs) {
    if (result?.outcome !== 'complete' || finishedAt === undefined) continue;
    const last = advances.findLast(({ at }) => at <= finishedAt);
    if (last === undefined || last.to < tick)
      violations.push(`not read by the run of ${formatInstant(tick)}`);
  }
  const amounts = Map.groupBy(rows, ({ values, ts }) => `${ts}/${String(values['service'])}`);
  for (const ofOne of amounts.values()) violations.push(...checkRevisions(ofOne));
  const first = Math.min(...rows.map(({ ts }) => ts));
  for (const { run, at, sequence, from, to } of advances) {
    // A watermark is the tick of the run that read the amounts. Before the first read it is an hour earlier.
    if (to !== run.tick || from === to) continue;
    const reported = new Map<string, { amount: number; sum: number }>();
    for (const { values, ts } of rows.filter((row) => row.sequence <= sequence)) {
      const key = `${ts}/${String(values['service'])}`;
      const sum = (reported.get(key)?.sum ?? 0) + Number(values['amount_change']);
      reported.set(key, { amount: Number(values['amount']), sum });
    }
    // Amounts grow once an hour.
    const instants = [run.startedAt];
    for (let hour = Math.ceil(run.startedAt / HOUR) * HOUR; hour <= at; hour += HOUR) instants.push(hour);
    const isReported = instants.some((instant) => {
      const costs = costsAt(organisation, scope, first, Number.POSITIVE_INFINITY, instant);
      return (
        costs.length === reported.size &&
        costs.every(({ service, month, amount }) => {
          const known = reported.get(`${month}/${service}`);
          return known?.amount === amount && Math.abs(known.sum - amount) < 0.001;
        })
      );
    });
    if (!isReported)
      violations.push(
        `not what Atlas reported to the run of ${formatInstant(run.tick)}: ${JSON.stringify([...reported])}`,
      );
  }
  return violations;
}
