import { parseArgs } from 'node:util';
import { plainTable } from '../../../cli/plain-table.ts';
import { MEMORY_MEGABYTES } from '../../../shared/worker/limits.ts';
import { METRICS } from '../../../shared/worker/metrics.ts';
import { lakeTables } from '../../../sql/tables.ts';
import { type Cost, total } from './cost.ts';
import { datasetCosts, tickSeconds } from './dataset-costs.ts';
import type { Deployment } from './deployment.ts';
import { measure } from './measure.ts';
import { PRICES } from './prices.ts';
import { publicationCosts } from './publication-costs.ts';
import {
  ALARMS_OF_DISPATCH,
  ALARMS_OF_PUBLICATION,
  ALARMS_PER_DATASET,
  managedNetworkCosts,
  sharedCosts,
} from './shared-costs.ts';

const HELP = `npm run cost -- [options]: estimates the collector's monthly costs
  --projects N         projects (default 10)
  --processes N        mongod processes of each project (default 9)
  --databases N        databases of each process (default 20)
  --disks N            disks of each process (default 1)
  --logins N           authentication attempts on each host per hour (default 600)
  --months N           months for which rows have been kept (default 12)
  --queries N          Athena queries per day (default 20)
  --days N             days of every table that a query reads (default 7)
`;

const { values } = parseArgs({
  options: {
    projects: { type: 'string', default: '10' },
    processes: { type: 'string', default: '9' },
    databases: { type: 'string', default: '20' },
    disks: { type: 'string', default: '1' },
    logins: { type: 'string', default: '600' },
    months: { type: 'string', default: '12' },
    queries: { type: 'string', default: '20' },
    days: { type: 'string', default: '7' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await estimate();

async function estimate(): Promise<void> {
  const shape = {
    processes: whole('processes'),
    databases: whole('databases'),
    disks: whole('disks'),
    logins: whole('logins'),
  };
  const { datasets, atlasBytesPerHour } = await measure(shape);
  const deployment: Deployment = {
    projects: whole('projects'),
    memoryMegabytes: MEMORY_MEGABYTES,
    alarms: datasets.length * ALARMS_PER_DATASET + ALARMS_OF_DISPATCH + ALARMS_OF_PUBLICATION,
    metricsPerDataset: Object.keys(METRICS).length,
    monthsKept: whole('months'),
    queriesPerDay: whole('queries'),
    daysPerQuery: whole('days'),
    tables: lakeTables.length,
    publicationsPerDay: 24,
  };
  const { projects } = deployment;
  print(
    `${projects} projects, each with ${shape.processes} processes of ${shape.databases} databases and ${shape.disks} disks, ${shape.logins} logins per hour.`,
    `Usage of a tick in one project, measured with the simulated Atlas:`,
    plainTable(
      ['dataset', 'every', 'requests', 'rows', 'objects', 'bytes', 'seconds'],
      datasets.map(({ name, everyMinutes, tick }) => [
        name,
        `${everyMinutes} min`,
        tick.requests.toFixed(1),
        tick.rows.toFixed(0),
        tick.objects.toFixed(1),
        tick.bytes.toFixed(0),
        tickSeconds(tick, deployment.memoryMegabytes).toFixed(1),
      ]),
    ),
    `Costs per month, with prices of ${PRICES.date}, without free tiers:`,
  );
  const parts = [
    ...datasets.map((dataset) => ({ name: dataset.name, costs: datasetCosts(dataset, deployment) })),
    { name: 'publication', costs: publicationCosts(datasets, deployment) },
    { name: 'shared', costs: sharedCosts(datasets, deployment) },
  ];
  const network = managedNetworkCosts(datasets, deployment, atlasBytesPerHour);
  const described = ({ item, amount, dollars }: Cost) => `${item} $${dollars.toFixed(2)} (${amount})`;
  const line = (name: string, { item, amount, dollars }: Cost) => [
    name,
    item,
    amount,
    `$${dollars.toFixed(2)}`,
  ];
  print(
    plainTable(
      ['', 'item', 'amount', 'dollars'],
      parts.flatMap(({ name, costs }) => [
        ...costs.map((cost, index) => line(index === 0 ? name : '', cost)),
        ['', 'total', '', `$${total(costs).toFixed(2)}`],
      ]),
    ),
    `Total: $${total(parts.flatMap(({ costs }) => costs)).toFixed(2)} a month.`,
    `A managed network would add $${total(network).toFixed(2)}: ${network.map(described).join(', ')}.`,
  );
}

function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function whole(name: Exclude<keyof typeof values, 'help'>): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} must be an integer above 0`);
}
