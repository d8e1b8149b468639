import { plainTable } from '../../../cli/plain-table.ts';
import { type Cost, total } from './cost.ts';
import { tickSeconds } from './dataset-costs.ts';
import { defaultDeployment } from './deployment.ts';
import { described, estimate, type Part } from './estimate.ts';
import type { Measurement } from './measurement.ts';
import { PRICES } from './prices.ts';

/** Returns the output of `npm run cost`: what was measured, every item with its amount, and the totals. */
export function report(measurement: Measurement): string {
  const { parts, dollars, network } = estimate(measurement);
  const added = network.map(({ item, amount, dollars }) => `${item} $${dollars.toFixed(2)} (${amount})`);
  return [
    described(measurement),
    'Usage of a tick in one project and in the organisation, measured with the simulated Atlas:',
    usageTable(measurement),
    `Costs per month, with prices of ${PRICES.date}, without free tiers (sources: docs/cost.md):`,
    costTable(parts),
    `Total: $${dollars.toFixed(2)} a month.`,
    `A managed network would add $${total(network).toFixed(2)}: ${added.join(', ')}.`,
    '',
  ].join('\n');
}

function usageTable({ use, datasets }: Measurement): string {
  const { memoryMegabytes } = defaultDeployment(use);
  const rows = datasets.flatMap(({ name, everyMinutes, project, organisation }) =>
    Object.entries({ project, organisation }).flatMap(([kind, tick]) =>
      tick === null
        ? []
        : [
            [
              name,
              kind,
              `${everyMinutes} min`,
              tick.requests.toFixed(1),
              tick.rows.toFixed(0),
              tick.objects.toFixed(1),
              tick.bytes.toFixed(0),
              tickSeconds(tick, memoryMegabytes).toFixed(1),
            ],
          ],
    ),
  );
  return plainTable(['dataset', 'of', 'every', 'requests', 'rows', 'objects', 'bytes', 'seconds'], rows);
}

function costTable(parts: readonly Part[]): string {
  const line = (name: string, { item, amount, dollars }: Cost) => [
    name,
    item,
    amount,
    `$${dollars.toFixed(2)}`,
  ];
  return plainTable(
    ['', 'item', 'amount', 'dollars'],
    parts.flatMap(({ name, costs }) => [
      ...costs.map((cost, index) => line(index === 0 ? name : '', cost)),
      ['', 'total', '', `$${total(costs).toFixed(2)}`],
    ]),
  );
}
