import { beforeAll, describe, expect, test } from 'vitest';
import { datasets } from '../../functions/datasets.ts';
import { parseConfig } from '../../shared/config.ts';
import { MINUTE } from '../../shared/durations.ts';
import { createAtlas } from '../../simulator/atlas.ts';
import { createOrganisation } from '../../simulator/organisation.ts';
import { T } from '../support/times.ts';
import { SimulatedCredentials } from './simulation/credentials.ts';
import { warmUp } from './simulation/simulate.ts';
import { World } from './simulation/world.ts';

/** Requests about a project or an organisation. The dispatcher requests the lists of these. */
const OF_A_RUN = /\/(groups|orgs)\/[0-9a-f]{24}\//;

beforeAll(warmUp);

describe.each(datasets)('$name', ({ name, isOptional }) => {
  // After three deliveries a message becomes a dead letter and raises an alarm.
  test.each([10, 40, 59])('continues after a 429 with a wait of %i minutes', async (minutes) => {
    const organisation = createOrganisation({
      projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 1 }] }],
    });
    const atlas = createAtlas({ organisation, now: T, rateLimits: false });
    const world = new World({
      seed: 1,
      atlas,
      credentials: new SimulatedCredentials(1, organisation, []),
      callFaults: [],
      redelivered: 0,
      skew: 0,
      ahead: 0,
      traced: false,
    });
    world.stopFaults();
    atlas.faults.add({ kind: 'status', status: 429, retryAfter: minutes * 60, pattern: OF_A_RUN, count: 1 });
    const config = parseConfig(isOptional ? { datasets: { [name]: { enabled: true } } } : {}, datasets);
    await world.run([{ at: T, datasets: [name], config }]);
    expect(world.aws.sqs.dead).toBe(0);
    const runs = [...world.runs.values()].filter(({ result }) => result !== undefined);
    const last = runs.at(-1);
    expect(last?.result).toMatchObject({ outcome: 'complete', remaining: 0 });
    expect(last?.startedAt).toBeGreaterThanOrEqual(T + minutes * MINUTE);
  });
});
