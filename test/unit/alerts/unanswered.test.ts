import { describe, expect, it } from 'vitest';
import { collectAlerts } from '../../../functions/alerts/collector.ts';
import { type AlertsState, newState } from '../../../functions/alerts/state.ts';
import type { Alert, AlertConfiguration, AtlasSession } from '../../../shared/atlas/api.ts';
import { AtlasApiError, AtlasThrottledError } from '../../../shared/atlas/errors.ts';
import { wholeListing } from '../../../shared/atlas/listing.ts';
import { MINUTE } from '../../../shared/durations.ts';
import type { ProjectId } from '../../../shared/ids.ts';
import { T } from '../../support/times.ts';
import { alertOf, configurationOf } from './alert-documents.ts';

const PROJECT = '6a793f5cc0eb9e7a177147ec' as ProjectId;

const FAILURE = new AtlasApiError(
  { status: 500, errorCode: 'UNEXPECTED_ERROR', reason: 'x', detail: null },
  { operation: 'get', attempts: 5 },
);

const idOf = (kind: string, number: number) => `${kind}${number.toString(16).padStart(22, '0')}`;

/** An Atlas with configurations, and an open alert of each. It fails for the ids in `failing`. */
class Project {
  readonly configurations: AlertConfiguration[];
  alerts: Alert[] = [];
  /** Whether the lists of alerts of the project and of its configurations are empty, as for acknowledged alerts. */
  listsNothing = false;
  readonly failing = new Map<string, Error>();
  requested: string[] = [];

  constructor(size: number) {
    this.configurations = Array.from({ length: size }, (_, number) =>
      configurationOf({ id: idOf('cc', number) }),
    );
    this.setStatus('OPEN');
  }

  setStatus(status: 'OPEN' | 'CANCELLED'): void {
    this.alerts = this.configurations.map((configuration, number) =>
      alertOf({ id: idOf('aa', number), alertConfigId: configuration.id, status }),
    );
  }

  /** Collects once, `minute` minutes after T. */
  async run(state: AlertsState, minute: number, configurations = this.configurations) {
    this.requested = [];
    const one = <Item extends { id: string }>(items: readonly Item[], id: string) => {
      this.#request(id);
      return items.find((item) => item.id === id) ?? null;
    };
    const session: Partial<AtlasSession> = {
      listAlertConfigurations: async () => wholeListing(configurations),
      getAlertConfiguration: async (_project, id) => one(this.configurations, id),
      listAlertsOfConfiguration: async (_project, id) => {
        this.#request(id);
        return wholeListing(
          this.listsNothing ? [] : this.alerts.filter(({ configuration }) => configuration === id),
        );
      },
      listAlertsSince: async (_project, status) => {
        this.#request(status);
        return wholeListing(status === 'OPEN' && !this.listsNothing ? this.alerts : []);
      },
      getAlert: async (_project, id) => one(this.alerts, id),
    };
    const now = T + minute * MINUTE;
    const step = collectAlerts(PROJECT, state, { tick: now, now });
    const result = await step(session as AtlasSession, () => now);
    return {
      ...result,
      changes: result.tables.flatMap(({ rows }) => rows.map((row) => row['change'])),
      failed: (result.failures ?? []).map(({ part }) => part),
    };
  }

  #request(id: string): void {
    this.requested.push(id);
    const error = this.failing.get(id);
    if (error) throw error;
  }
}

describe('a configuration whose list cannot be read', () => {
  it('stops no other, and is named', async () => {
    const project = new Project(2);
    project.failing.set(idOf('cc', 0), FAILURE);
    const first = await project.run(newState(T), 1);
    expect(first.changes).toEqual(['opened', 'opened', 'added', 'added']);
    expect(first.failed).toEqual([`alertConfigs/${idOf('cc', 0)}/alerts`]);
  });

  it('is requested in each run until it can be read, and not again before its turn', async () => {
    const project = new Project(2);
    project.failing.set(idOf('cc', 0), FAILURE);
    let { state } = await project.run(newState(T), 1);
    for (const minute of [2, 3]) {
      ({ state } = await project.run(state, minute));
      expect(project.requested.filter((id) => id.length === 24)).toEqual([idOf('cc', 0)]);
    }
    project.failing.clear();
    ({ state } = await project.run(state, 4));
    expect(project.requested).toContain(idOf('cc', 0));
    await project.run(state, 5);
    expect(project.requested).not.toContain(idOf('cc', 0));
  });

  it('is requested even if it is disabled in the meantime', async () => {
    const project = new Project(1);
    project.listsNothing = true;
    project.failing.set(idOf('cc', 0), FAILURE);
    const { state } = await project.run(newState(T), 1);
    await project.run(state, 2, [configurationOf({ id: idOf('cc', 0), enabled: false })]);
    expect(project.requested).toContain(idOf('cc', 0));
  });
});

describe('an alert that is in no list and cannot be read by its id', () => {
  it('stays as it was, and is read when Atlas answers for it', async () => {
    const project = new Project(2);
    let { state } = await project.run(newState(T), 1);
    project.listsNothing = true;
    project.failing.set(idOf('aa', 0), FAILURE);
    project.setStatus('CANCELLED');
    const second = await project.run(state, 2);
    expect(second).toMatchObject({ changes: ['cancelled'], failed: [`alerts/${idOf('aa', 0)}`], gaps: [] });
    state = second.state;
    project.failing.clear();
    expect(await project.run(state, 3)).toMatchObject({ changes: ['cancelled'], failed: [], gaps: [] });
  });
});

describe('a configuration that is not listed and cannot be read by its id', () => {
  it('is not removed, and is removed when Atlas answers 404', async () => {
    const project = new Project(2);
    const { state } = await project.run(newState(T), 1);
    project.failing.set(idOf('cc', 0), FAILURE);
    const second = await project.run(state, 2, project.configurations.slice(1));
    expect(second).toMatchObject({ changes: [], failed: [`alertConfigs/${idOf('cc', 0)}`] });
    expect(second.state.configurations.size).toBe(2);
  });
});

describe('a run for which many ids fail', () => {
  it('sends few requests that fail, says so, and reads all others within some runs', async () => {
    const project = new Project(60);
    let { state } = await project.run(newState(T), 1);
    project.listsNothing = true;
    for (let number = 0; number < 20; number += 1) project.failing.set(idOf('aa', number), FAILURE);
    project.setStatus('CANCELLED');
    const changes: unknown[] = [];
    for (let minute = 2; minute < 22; minute += 1) {
      const next = await project.run(state, minute);
      expect(next.failed.length).toBeLessThanOrEqual(10);
      expect(next.warnings?.join()).toMatch(/\d+ alerts or configurations wait for the next run/);
      changes.push(...next.changes);
      state = next.state;
    }
    expect(changes).toEqual(Array.from({ length: 40 }, () => 'cancelled'));
  });
});

describe('a run', () => {
  it('fails if a list of the project fails', async () => {
    const project = new Project(1);
    project.failing.set('CLOSED', FAILURE);
    await expect(project.run(newState(T), 1)).rejects.toBe(FAILURE);
  });

  it('stops when the rate limit ends its requests for single ids, and sends none of those that wait', async () => {
    const project = new Project(60);
    const throttled = new AtlasThrottledError('alerts', T, { operation: 'getAlert', attempts: 0 });
    const { state } = await project.run(newState(T), 1);
    project.listsNothing = true;
    for (const { id } of project.alerts) project.failing.set(id, throttled);
    await expect(project.run(state, 2)).rejects.toBe(throttled);
    // As many as are sent at a time.
    expect(project.requested.filter((id) => project.failing.has(id)).length).toBeLessThanOrEqual(6);
  });
});
