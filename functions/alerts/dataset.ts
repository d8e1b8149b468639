import { collector, type Dataset, SELF } from '../../shared/collection/dataset.ts';
import { collectAlerts } from './collect.ts';
import { type AlertsState, newState } from './state.ts';
import { ALERTS_VERSION, decodeStates, encodeStates, stateSize } from './state-codec.ts';
import { alertConfigurations, alerts } from './tables.ts';

/**
 * What becomes of alerts, and what raises them: states that are compared, without windows. The first run writes what is
 * open then, and of what has closed already no more than the alerts of the last hour.
 */
export const alertHistory: Dataset = {
  name: alerts.name,
  description: alerts.description,
  tables: [alerts, alertConfigurations],
  everyMinutes: 5,
  defaults: {},
  collector: () =>
    collector<AlertsState>({
      listOwners: async (_atlas, project) => [{ id: project, attributes: {}, askable: true }],
      listTargets: async () => [SELF],
      firstState: (_target, time) => newState(Math.min(time.tick, time.now)),
      nextStep: (target, time) => (target.state.doneIn === time.now ? null : collectAlerts(target, time)),
      stateVersion: ALERTS_VERSION,
      encode: encodeStates,
      decode: decodeStates,
      sizeBound: stateSize,
    }),
};
