import { expect } from 'vitest';
import { HOUR } from '../../../shared/durations.ts';
import type { Organisation } from '../../../simulator/organisation.ts';
import { rankedHours } from '../../../simulator/ranked-namespaces.ts';
import { mongodsOf, NAMESPACE_MEASUREMENTS, RANKS } from '../../support/expected-ranked-namespaces.ts';
import { compare, exactly } from '../../support/expected-rows.ts';
import { tableRows } from '../../support/lake-files.ts';
import type { Scenario } from '../../support/scenario.ts';
import { lakeTime, T } from '../../support/times.ts';

/** Returns the given number of ticks on whole hours. */
export function hourly(count: number, from = T): number[] {
  return Array.from({ length: count }, (_, index) => from + index * HOUR);
}

/** Collects at each tick and returns the outcomes. */
export async function collect(scenario: Scenario, ticks: readonly number[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const tick of ticks) {
    for (const run of await scenario.tick(tick, [RANKS])) outcomes.push(run.outcome);
  }
  return outcomes;
}

/** Checks that both tables contain exactly the expected rows. */
export async function expectLake(
  scenario: Scenario,
  { ranks, measurements }: { ranks: string[]; measurements: string[] },
): Promise<void> {
  expect(compare(await tableRows(scenario.bucket, RANKS), ranks)).toEqual(exactly(ranks));
  const found = await tableRows(scenario.bucket, NAMESPACE_MEASUREMENTS);
  expect(compare(found, measurements)).toEqual(exactly(measurements));
}

/** Returns the starts of a process's hours in [from, to): all, or those in which nothing happened. */
export function startsOf(
  organisation: Organisation,
  process: string,
  from: number,
  to: number,
  which: 'all' | 'quiet',
) {
  const { project = '' } = mongodsOf(organisation).find((one) => one.process.id === process) ?? {};
  return rankedHours(organisation, { projectId: project, processId: process }, from, to)
    .filter(({ namespaces }) => which === 'all' || namespaces.length === 0)
    .map(({ start }) => start);
}

/** The reason of a gap over an old hour whose response is empty. */
export const NO_NAMES = 'no names, and Atlas may have deleted them';

/** Returns the gaps over old hours without names, as `spansOf` writes them, and all others as they are. */
export async function sortedGaps({ bucket }: Scenario) {
  const gaps = await tableRows(bucket, 'collection_gaps');
  const { quiet = [], others = [] } = Object.groupBy(gaps, ({ reason }) =>
    reason === NO_NAMES ? 'quiet' : 'others',
  );
  return { quiet: quiet.map(({ target, ts, gap_end }) => [target, ts, gap_end].join(' ')).sort(), others };
}

/** Returns hours of a process as gaps: process, start and end. */
export function spansOf(process: string, hours: readonly number[]): string[] {
  return hours.map((hour) => [process, lakeTime(hour), lakeTime(hour + HOUR)].join(' ')).sort();
}

/** Returns the starts of the hours that were requested for a process, in the order of the requests. */
export function hoursAsked({ simulator }: Scenario, processId?: string): number[] {
  return simulator.requests.list
    .filter(({ operation }) => operation === 'rankedNamespaces')
    .filter((request) => processId === undefined || request.processId === processId)
    .map(({ query }) => Date.parse(new URLSearchParams(query).get('start') ?? ''));
}
