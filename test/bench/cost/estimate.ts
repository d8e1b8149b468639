import { type Cost, total } from './cost.ts';
import { datasetCosts } from './dataset-costs.ts';
import { defaultDeployment } from './deployment.ts';
import { type Measurement, SLOW_QUERIES } from './measurement.ts';
import { publicationCosts } from './publication-costs.ts';
import { managedNetworkCosts, operationCosts, queryCosts } from './shared-costs.ts';

/** One part of a deployment with its monthly costs. */
export interface Part {
  name: string;
  costs: readonly Cost[];
}

export interface Estimate {
  /** Every part of the deployment: the datasets, and what they share. */
  parts: readonly Part[];
  /** The dollars of all parts in a month. */
  dollars: number;
  /** What a managed network would add. */
  network: readonly Cost[];
}

/** Returns the monthly costs of a default deployment. */
export function estimate({ use, datasets }: Measurement): Estimate {
  const deployment = defaultDeployment(use);
  const parts = [
    ...datasets.map((dataset) => ({ name: dataset.name, costs: datasetCosts(dataset, deployment) })),
    { name: 'publication', costs: publicationCosts(datasets, deployment) },
    { name: 'queries', costs: queryCosts(datasets, deployment) },
    { name: 'operation', costs: operationCosts(datasets) },
  ];
  return {
    parts,
    dollars: total(parts.flatMap(({ costs }) => costs)),
    network: managedNetworkCosts(datasets, deployment),
  };
}

/** Describes the deployment in a few sentences. */
export function described({ shape, use }: Measurement): string {
  const { processes, databases, disks, logins } = shape;
  const { projects, months, queries, days } = use;
  return [
    `${counted(projects, 'project')} of one organisation.`,
    `Each has ${counted(processes, 'process', 'processes')} with ${counted(databases, 'database')} and ${counted(disks, 'disk')} each,`,
    `and on each host ${counted(logins, 'login')} and ${SLOW_QUERIES} slow queries an hour.`,
    `Rows are kept for ${counted(months, 'month')}. ${counted(queries, 'query', 'queries')} a day: each reads ${counted(days, 'day')} of every table.`,
  ].join(' ');
}

function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
