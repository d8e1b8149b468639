import { wholeListing } from '../../shared/atlas/listing.ts';
import { DAY, SECOND } from '../../shared/durations.ts';
import { defineDataset, type Gap, SELF, type Step, type StepResult } from '../../shared/engine/dataset.ts';
import type { RunTime } from '../../shared/engine/run-clock.ts';
import type { DatasetSettings } from '../../shared/engine/settings.ts';
import { type AlertConfigurationId, type AlertId, type ProjectId, projectOf } from '../../shared/ids.ts';
import { isExpired, lostWithTarget } from '../../shared/sources/retention.ts';
import { alertChanges, lost, type ObservationTime } from './alert-changes.ts';
import { configurationChange, configurationContent } from './configuration-changes.ts';
import { alertsDeclaration } from './declaration.ts';
import type { KnownAlert } from './known-alert.ts';
import { remembered } from './memory.ts';
import { type ObservedAlerts, observeAlerts } from './observed-alerts.ts';
import { type AlertConfigurationRow, type AlertRow, alertRow, configurationRow, removalRow } from './rows.ts';
import { type AlertsState, alertsCodec, type KnownConfiguration, newState, pulledBack } from './state.ts';
import { alertConfigurations, alerts } from './tables.ts';

/**
 * How long the changes of alerts between the last run of a project and the first tick that missed it stay open; then
 * they are recorded as lost. Atlas does not document how long it keeps alerts.
 */
const HOLDING = { retention: 2 * DAY, interval: SECOND };

/**
 * Collects alerts and their configurations: states that are compared, without windows. The first run writes alerts that
 * are open then, and of the closed ones only those of the last hour.
 */
export const alertsDataset = defineDataset<DatasetSettings, AlertsState>(alertsDeclaration, {
  codec: () => alertsCodec,
  collector: (_settings, subject) => ({
    listSources: async () => wholeListing([{ id: subject.id, attributes: {}, hasData: true }]),
    listTargets: async () => wholeListing([SELF]),
    firstState: (time) => newState(Math.min(time.tick, time.now)),
    nextStep(target, time) {
      const gap = lostWithTarget(target, HOLDING, time);
      if (gap)
        return async () => ({ state: { ...target.state, watermark: gap.to }, tables: [], gaps: [gap] });
      if (isExpired(target, HOLDING, time) || target.state.isRead) return null;
      return collectAlerts(projectOf(subject), target.state, time);
    },
    pulledBack,
  }),
});

/** The maximum number of ids in the reason of a gap. */
const NAMED_IDS = 20;

/** Returns the only step of a run: it reads what Atlas shows, and writes what differs from the state. */
export function collectAlerts(project: ProjectId, state: AlertsState, time: RunTime): Step<AlertsState> {
  return async (atlas, collectedAt): Promise<StepResult<AlertsState>> => {
    const seen = await observeAlerts(atlas, project, state, time.now);
    const observation = { now: collectedAt(), lastRun: state.watermark };
    const { rows, known } = compareAlerts(project, state, seen, observation);
    const changes = configurationRows(project, state, seen, observation);
    const { early, ...memory } = remembered(known, state.forgottenTo, observation.now);
    return {
      // The lists did not show later changes. The watermark is the start of the run, so that the next run reads them.
      state: {
        ...memory,
        watermark: time.now,
        configurations: knownConfigurations(state, seen),
        revision: lastRevision(state.revision, rows, changes),
        isRead: true,
      },
      tables: [
        { table: alerts, rows },
        { table: alertConfigurations, rows: changes },
      ],
      gaps: seen.lost.length > 0 ? [lossOf(seen.lost, observation)] : [],
      warnings: [
        ...(early > 0 ? [`${early} alerts that ended within a day had to be forgotten early`] : []),
        ...(seen.leftOut > 0 ? [`${seen.leftOut} alerts that track are more than can be followed`] : []),
        ...(seen.notRequested > 0
          ? [`${seen.notRequested} alerts or configurations wait for the next run, because others failed`]
          : []),
      ],
      failures: seen.failures,
    };
  };
}

function compareAlerts(
  project: ProjectId,
  state: AlertsState,
  seen: ObservedAlerts,
  observation: ObservationTime,
): { rows: AlertRow[]; known: Map<AlertId, KnownAlert> } {
  const known = new Map(state.alerts);
  const rows: AlertRow[] = [];
  for (const alert of seen.alerts.values()) {
    const { changes, known: next } = alertChanges(known.get(alert.id), alert, observation);
    for (const [index, change] of changes.entries()) {
      rows.push(alertRow(project, alert, change, { ...observation, revision: state.revision + 1 + index }));
    }
    known.set(alert.id, next);
  }
  for (const id of seen.lost) {
    const before = known.get(id);
    if (before) known.set(id, lost(before, observation.now));
  }
  return { rows, known };
}

function configurationRows(
  project: ProjectId,
  { configurations: known, revision: last }: AlertsState,
  { configurations: present, unreadable }: ObservedAlerts,
  observation: ObservationTime,
): AlertConfigurationRow[] {
  const numbered = { ...observation, revision: last + 1 };
  const changed = [...present.values()].flatMap((configuration) => {
    const change = configurationChange(known.get(configuration.id)?.content, configuration, observation);
    return change ? [configurationRow(project, configuration, change, numbered)] : [];
  });
  const removed = [...known.keys()].filter((id) => !present.has(id) && !unreadable.has(id));
  return [...changed, ...removed.map((id) => removalRow(project, id, numbered))];
}

/**
 * Returns the last revision. All runs of a project share one counter, so that an alert that is forgotten and returns
 * gets higher numbers.
 */
function lastRevision(
  before: number,
  ...written: readonly (readonly { revision: number | null }[])[]
): number {
  return written.flat().reduce((last, { revision }) => Math.max(last, revision ?? 0), before);
}

function knownConfigurations(
  before: AlertsState,
  seen: ObservedAlerts,
): Map<AlertConfigurationId, KnownConfiguration> {
  const contents = [
    ...[...before.configurations].filter(([id]) => seen.unreadable.has(id)),
    ...[...seen.configurations].map(([id, configuration]) => {
      return [id, { content: configurationContent(configuration) }] as const;
    }),
  ];
  return new Map(
    contents.map(([id, { content }]) => [
      id,
      { content, alerting: seen.alerting.has(id), isUnread: seen.unread.has(id) },
    ]),
  );
}

/** Returns one gap for all alerts that a run misses. Their changes since the last observation will never be known. */
function lossOf(ids: readonly AlertId[], { now, lastRun }: ObservationTime): Gap {
  const more = ids.length > NAMED_IDS ? ` and ${ids.length - NAMED_IDS} more` : '';
  return {
    from: Math.min(lastRun, now),
    to: now,
    reason: `open alerts that Atlas no longer knows: ${ids.slice(0, NAMED_IDS).join(', ')}${more}`,
  };
}
