import { expect } from 'vitest';
import { NAMESPACE_MEASUREMENTS, RANKS } from '../../support/expected-namespaces.ts';
import { compare, exactly } from '../../support/expected-rows.ts';
import { tableRows } from '../../support/lake-files.ts';
import type { Scenario } from '../../support/scenario.ts';

export const T = Date.parse('2026-03-02T12:00:00Z');

/** Ticks of whole hours, so many of them. */
export function hourly(count: number, from = T): number[] {
  return Array.from({ length: count }, (_, index) => from + index * 3_600_000);
}

/** Collects at each tick; gives the outcomes. */
export async function collect(scenario: Scenario, ticks: readonly number[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const tick of ticks) {
    for (const run of await scenario.tick(tick, [RANKS])) outcomes.push(run.outcome);
  }
  return outcomes;
}

/** Both tables hold exactly what is expected. */
export async function expectLake(
  scenario: Scenario,
  { ranks, measurements }: { ranks: string[]; measurements: string[] },
): Promise<void> {
  expect(compare(await tableRows(scenario.bucket, RANKS), ranks)).toEqual(exactly(ranks));
  const found = await tableRows(scenario.bucket, NAMESPACE_MEASUREMENTS);
  expect(compare(found, measurements)).toEqual(exactly(measurements));
}

/** The starts of the hours that were asked for of a process, in the order of the requests. */
export function hoursAsked({ simulator }: Scenario, processId?: string): number[] {
  return simulator.requests.list
    .filter(({ operation }) => operation === 'rankedNamespaces')
    .filter((request) => processId === undefined || request.processId === processId)
    .map(({ query }) => Date.parse(new URLSearchParams(query).get('start') ?? ''));
}
