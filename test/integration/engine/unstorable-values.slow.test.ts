import { afterEach, expect, test, vi } from 'vitest';
import { costsCodec } from '../../../functions/cost-usage/state.ts';
import { HOUR } from '../../../shared/durations.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { type CostScope, costsAt, monthAfter } from '../../../simulator/resources/costs.ts';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { instantOf, T } from '../../support/times.ts';

/** Atlas sends values that DynamoDB cannot store. They stop no run, and everything else reaches the lake. */

const organisation = createOrganisation({
  projects: [{ name: 'one', clusters: [{ name: 'orders', nodes: 1 }] }],
});
const FIRST_MONTH = Date.parse('2026-01-01T00:00:00Z');
const config = { datasets: { cost_usage: { backfill: 'P60D' } } };

let scenario: Scenario;
let proxy: FaultProxy;

afterEach(async () => {
  await scenario.close();
  await proxy.close();
});

async function start(): Promise<void> {
  scenario = await startScenario({
    organisation,
    start: T,
    config,
    async front(simulator) {
      proxy = await startFaultProxy(simulator.url);
      return proxy.endpoint;
    },
  });
}

/** Changes the text of responses whose path matches, until the returned function is called. */
function spoil(about: RegExp, change: (text: string) => string): () => void {
  return proxy.alter(
    ({ path }) => about.test(path),
    (answer) => ({ ...answer, body: Buffer.from(change(answer.body.toString())) }),
  );
}

/** Returns a function that replaces a field of two lines of costs by JSON: of a month that is over, and of the current one. */
const inTwoLines = (field: string, json: string) => (text: string) => {
  const document = JSON.parse(text);
  const lines = document.usageDetails ?? [];
  for (const line of new Set([lines.at(0), lines.at(-1)])) if (line) line[field] = '<json>';
  return JSON.stringify(document).replaceAll('"<json>"', json);
};

const outcomes = async (tick: number, dataset: string) =>
  (await scenario.tick(tick, [dataset])).map(({ outcome }) => outcome);

function expectedCosts(): string[] {
  const projects = organisation.projects.flatMap(({ id, clusters }): [string, CostScope][] => [
    ['project', { project: id }],
    ...clusters.map((cluster): [string, CostScope] => ['cluster', { project: id, cluster: cluster.id }]),
  ]);
  const scopes: [string, CostScope][] = [['organisation', {}], ...projects];
  return scopes
    .flatMap(([level, scope]) =>
      costsAt(organisation, scope, FIRST_MONTH, monthAfter(T), T).map(({ service, month, amount }) =>
        [level, service, month, amount].join(' '),
      ),
    )
    .sort();
}

const foundCosts = async () =>
  (await tableRows(scenario.bucket, 'cost_usage'))
    .map((row) => [row['level'], row['service'], instantOf(row['ts']), row['amount']].join(' '))
    .sort();

test.each([
  ['a service with half of a surrogate pair', 'service', '"\\ud800x"'],
  ['a service of 70,000 characters', 'service', JSON.stringify('x'.repeat(70_000))],
  ['an amount that loses digits', 'usageAmount', '1e17'],
  ['an amount beyond the numbers of DynamoDB', 'usageAmount', '-1e200'],
  ['an amount whose millionths are infinite', 'usageAmount', '1e305'],
])('%s: the run is partial, and its costs are written once Atlas is well', async (_, field, json) => {
  await start();
  const endFault = spoil(/costExplorer\/usage\//, inTwoLines(field, json));
  expect(await outcomes(T, 'cost_usage')).toEqual(['partial']);
  const expected = expectedCosts();
  const found = await foundCosts();
  // Two lines of the organisation, of the project and of the cluster.
  expect(found).toHaveLength(expected.length - 6);
  expect(found.filter((cost) => !expected.includes(cost))).toEqual([]);
  endFault();
  await scenario.restart();
  expect(await outcomes(T + 6 * HOUR, 'cost_usage')).toEqual(['complete']);
  expect(await foundCosts()).toEqual(expected);
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
});

test('a target whose state DynamoDB would reject fails alone, and is written once its state can be stored', async () => {
  await start();
  const project = organisation.projects[0]?.id ?? '';
  const { encode } = costsCodec;
  const spy = vi.spyOn(costsCodec, 'encode').mockImplementation((states) => {
    const amounts = states.get(project)?.amounts.size ?? 0;
    return amounts === 0 ? encode(states) : [encode(states), { '': amounts }];
  });
  const [run] = await scenario.tick(T, ['cost_usage']);
  expect(run).toMatchObject({
    outcome: 'partial',
    failures: [
      {
        target: expect.stringContaining(project),
        error: expect.stringMatching(/a state that DynamoDB would reject: empty attribute name/),
      },
    ],
  });
  const expected = expectedCosts();
  expect(await foundCosts()).toEqual(expected.filter((cost) => !cost.startsWith('project ')));
  spy.mockRestore();
  await scenario.restart();
  expect(await outcomes(T + 6 * HOUR, 'cost_usage')).toEqual(['complete']);
  expect(await foundCosts()).toEqual(expected);
});

test.each([
  ['half of a surrogate pair', '\\ud800x'],
  ['half a million characters', 'x'.repeat(500_000)],
])('an id of an organisation with %s: the inventory of the project is written without it', async (_, id) => {
  await start();
  spoil(/\/groups\/[0-9a-f]{24}(\?|$)/, (text) => text.replace(/("orgId":)"\w+"/, () => `"orgId":"${id}"`));
  for (const tick of [T, T + HOUR]) {
    expect(new Set(await outcomes(tick, 'inventory'))).toEqual(new Set(['complete']));
  }
  const project = organisation.projects[0]?.id;
  const rows = (await tableRows(scenario.bucket, 'inventory')).filter((row) => row['project_id'] === project);
  expect(rows.filter((row) => row['resource_type'] === 'cluster')).toHaveLength(1);
  expect(new Set(rows.map((row) => row['org_id']))).toEqual(new Set([null]));
  expect(scenario.warnings.filter((warning) => warning.includes('id of the organisation'))).not.toEqual([]);
});
