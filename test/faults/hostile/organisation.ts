import { HOUR } from '../../../shared/durations.ts';
import type { OrganisationOptions, ProjectShape } from '../../../simulator/organisation.ts';
import { T } from '../../support/times.ts';

/** Returns the shape of a small project with data for every dataset. */
export function projectShape(name: string, databases: string[]): ProjectShape {
  return {
    name,
    clusters: [{ name: name.slice(0, 1), nodes: 1, databases, disks: ['data'], accessLogs: { perHour: 60 } }],
    alertConfigurations: [
      {
        name: 'metric',
        eventTypeName: 'OUTSIDE_METRIC_THRESHOLD',
        fields: {
          metricThreshold: {
            metricName: 'CONNECTIONS',
            mode: 'AVERAGE',
            operator: 'GREATER_THAN',
            threshold: 80,
            units: 'RAW',
          },
          severityOverride: 'WARNING',
        },
      },
    ],
    alerts: [
      {
        configuration: 'metric',
        created: T - 2 * HOUR,
        acknowledged: { at: T - HOUR, by: 'someone@example.com', comment: 'seen' },
        fields: {
          clusterName: 'c',
          replicaSetName: 'r',
          hostnameAndPort: 'h:27017',
          metricName: 'CONNECTIONS',
          currentValue: { number: 81, units: 'RAW' },
        },
      },
      { configuration: 'metric', created: T - HOUR / 2, closed: T + HOUR / 2 },
    ],
  };
}

export const SHAPE: OrganisationOptions = {
  projects: [projectShape('victim', ['a', 'b']), projectShape('bystander', ['a'])],
};
