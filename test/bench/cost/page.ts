import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { total } from './cost.ts';
import { described, estimate } from './estimate.ts';
import { type Measurement, measurementSchema } from './measurement.ts';
import { PRICE_PAGES, PRICES } from './prices.ts';

/** The measurement of the example on the page. */
const MEASUREMENT = new URL('../../../docs/cost.json', import.meta.url);

const PAGE = new URL('../../../docs/cost.md', import.meta.url);

/** Returns the measurement of the example. */
export function readExample(): Measurement {
  return measurementSchema.parse(JSON.parse(readFileSync(MEASUREMENT, 'utf8')));
}

/** Returns the page as it is. */
export function readPage(): string {
  return readFileSync(PAGE, 'utf8');
}

/** Returns the page with a measurement as its example. */
export function pageWith(measurement: Measurement): string {
  return readPage().replace(
    /(<!-- example -->\n).*(<!-- end of example -->)/s,
    (_, start, end) => start + example(measurement) + end,
  );
}

/** Makes a measurement the example of the page. */
export async function writeExample(measurement: Measurement): Promise<void> {
  await writeFile(MEASUREMENT, `${JSON.stringify(measurement, null, 2)}\n`);
  await writeFile(PAGE, pageWith(measurement));
}

function example(measurement: Measurement): string {
  const { parts, dollars, network } = estimate(measurement);
  const sources = Object.entries(PRICE_PAGES).map(([service, url]) => `[${service}](${url})`);
  return [
    described(measurement),
    '',
    '| | dollars a month |',
    '| --- | --- |',
    ...parts.map(({ name, costs }) => `| \`${name}\` | ${total(costs).toFixed(2)} |`),
    `| **total** | **${dollars.toFixed(2)}** |`,
    `| a managed network, if configured | ${total(network).toFixed(2)} |`,
    '',
    'Each row is rounded to a cent.',
    '',
    `Prices are AWS's list prices of ${PRICES.date}, without free tiers. Sources: ${sources.join(', ')}.`,
    '',
  ].join('\n');
}
