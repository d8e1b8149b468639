import { afterEach, describe, expect, test } from 'vitest';
import { datasets } from '../../../functions/datasets.ts';
import { NewerStateError } from '../../../shared/cursors/versions.ts';
import { MINUTE } from '../../../shared/durations.ts';
import type { Dataset, StateCodec, TargetState } from '../../../shared/engine/dataset.ts';
import { createOrganisation } from '../../../simulator/organisation.ts';
import { compare, DISKS, exactly, expectedOf } from '../../support/expected-rows.ts';
import { lakeViolations } from '../../support/lake-check.ts';
import { tableRows } from '../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { T } from '../../support/times.ts';

const TICK = 20 * MINUTE;
const DISK = 'disk_measurements';

let scenario: Scenario;
afterEach(() => scenario.close());

const organisation = createOrganisation({
  projects: [{ name: 'p', clusters: [{ name: 'c', nodes: [{}], databases: ['d'], disks: ['data'] }] }],
});

/** The dataset in a later version, whose states have another form and which reads the present one. */
function later(dataset: Dataset): Dataset {
  return {
    ...dataset,
    withCodec: (settings, use) => dataset.withCodec(settings, (codec) => use(laterCodec(codec))),
    withCollector: (settings, subject, use) =>
      dataset.withCollector(settings, subject, (collector, codec) => use(collector, laterCodec(codec))),
  };
}

function laterCodec<State extends TargetState>(codec: StateCodec<State>): StateCodec<State> {
  return {
    ...codec,
    stateVersion: codec.stateVersion + 1,
    encode: (states) => ({ form: 'later', states: codec.encode(states) }),
    decode(stored, watermarks, version, source) {
      if (version <= codec.stateVersion) return codec.decode(stored, watermarks, version, source);
      const { states } = Object(stored);
      return codec.decode(states, watermarks, codec.stateVersion, source);
    },
  };
}

const laterDatasets = datasets.map((dataset) => (dataset.name === DISK ? later(dataset) : dataset));
const laterDisks = laterDatasets.filter(({ name }) => name === DISK);

async function rowsAre(last: number): Promise<void> {
  const expected = expectedOf(organisation, DISKS, { first: T, last });
  expect(compare(await tableRows(scenario.bucket, DISK), expected)).toEqual(exactly(expected));
  expect(await lakeViolations(scenario.bucket)).toEqual([]);
}

describe('a program and a later version of it on one lake', () => {
  test('in turns: the later one continues from the stored state, the earlier one stops and changes nothing', async () => {
    scenario = await startScenario({ organisation, start: T });
    await scenario.tick(T, [DISK]);
    const newer = await scenario.rival(laterDatasets);
    const tickOf = async (at: number) => {
      scenario.simulator.clock.set(at);
      for (const dataset of laterDisks) await newer.dispatch(dataset, at);
      await newer.work(laterDisks);
    };
    await tickOf(T + TICK);
    expect(newer.crashes).toEqual([]);
    await rowsAre(T + TICK);
    await expect(scenario.tick(T + 2 * TICK, [DISK, 'database_measurements'])).rejects.toThrow(
      NewerStateError,
    );
    expect(scenario.crashes).toHaveLength(1);
    expect(String(scenario.crashes[0])).toMatch(/disk_measurements of [0-9a-f]{24} was written by a later/);
    // The other dataset is not affected.
    expect((await tableRows(scenario.bucket, 'database_measurements')).length).toBeGreaterThan(0);
    await rowsAre(T + TICK);
    await tickOf(T + 3 * TICK);
    expect(newer.crashes).toEqual([]);
    await rowsAre(T + 3 * TICK);
  });

  test('at the same time: no value is lost or written twice, whichever comes first', async () => {
    scenario = await startScenario({ organisation, start: T });
    const newer = await scenario.rival(laterDatasets);
    for (let at = T; at <= T + 5 * TICK; at += TICK) {
      scenario.simulator.clock.set(at);
      for (const dataset of laterDisks) await newer.dispatch(dataset, at);
      // The earlier version is refused from its second run on at the latest.
      const earlier = scenario
        .tick(at, [DISK])
        .catch((error: unknown) => expect(error).toBeInstanceOf(NewerStateError));
      await Promise.all([newer.work(laterDisks), earlier]);
    }
    scenario.simulator.clock.set(T + 6 * TICK);
    for (const dataset of laterDisks) await newer.dispatch(dataset, T + 6 * TICK);
    await newer.work(laterDisks);
    await rowsAre(T + 6 * TICK);
  });
});
