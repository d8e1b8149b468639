import { wholeListing } from '../../shared/atlas/listing.ts';
import { DAY, SECOND } from '../../shared/durations.ts';
import { collector, SELF } from '../../shared/engine/dataset.ts';
import type { DeclaredDataset } from '../../shared/engine/declaration.ts';
import { isExpired, lostWithTarget } from '../../shared/sources/retention.ts';
import { collectAlerts } from './collect.ts';
import { alertsDeclaration } from './declaration.ts';
import { pulledBack } from './pulled-back.ts';
import { type AlertsState, newState } from './state.ts';
import { ALERTS_VERSION, decodeStates, encodeStates, stateSize } from './state-codec.ts';

/**
 * What became of alerts between the last run that read a project and the first tick that missed it is given up after so
 * long: Atlas says nowhere how long it keeps them.
 */
const HOLDING = { retention: 2 * DAY, interval: SECOND };

/**
 * What becomes of alerts, and what raises them: states that are compared, without windows. The first run writes what is
 * open then, and of what has closed already no more than the alerts of the last hour.
 */
export const alertsDataset: DeclaredDataset = {
  ...alertsDeclaration,
  collector: () =>
    collector<AlertsState>({
      listSources: async (_atlas, project) => wholeListing([{ id: project, attributes: {}, askable: true }]),
      listTargets: async () => wholeListing([SELF]),
      firstState: (_target, time) => newState(Math.min(time.tick, time.now)),
      nextStep(target, time) {
        const gap = lostWithTarget(target, HOLDING, time);
        if (gap)
          return async () => ({ state: { ...target.state, watermark: gap.to }, tables: [], gaps: [gap] });
        if (isExpired(target, HOLDING, time) || target.state.doneIn === time.now) return null;
        return collectAlerts(target, time);
      },
      stateVersion: ALERTS_VERSION,
      encode: encodeStates,
      decode: decodeStates,
      pulledBack,
      sizeBound: stateSize,
    }),
};
