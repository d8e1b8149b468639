import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { atlasEnvironment } from '../../../cli/atlas-environment.ts';
import { UsageFailure } from '../../../cli/failure.ts';
import { datasets } from '../../../functions/datasets.ts';
import { parseBaseUrl } from '../../../shared/atlas/base-url.ts';
import { AtlasConfigurationError } from '../../../shared/atlas/errors.ts';
import {
  ConfigError,
  isEnabled,
  parseConfig,
  parseFunctionConfig,
  settingsFor,
} from '../../../shared/config.ts';
import { DAY } from '../../../shared/durations.ts';
import { change, changed } from './change.ts';
import { expectCleanPrototypes } from './prototypes.ts';

/** Tests configurations with one wrong field. Each is usable or refused in one line. */

const NAMES = datasets.map(({ name }) => name);

const CONFIG = {
  projects: ['5efda6aea3f2ed2e7dd6ce00'],
  excludeProjects: ['5efda6aea3f2ed2e7dd6ce01'],
  rateReserve: 0.2,
  datasets: Object.fromEntries(
    datasets.map(({ name, defaults }) => [
      name,
      {
        enabled: true,
        settle: 'PT25M',
        backfill: 'PT48H',
        ...('granularity' in defaults && { granularity: 'PT5M' }),
      },
    ]),
  ),
};
const FUNCTION_CONFIG = {
  ...CONFIG,
  queues: Object.fromEntries(NAMES.map((name) => [name, `https://sqs.example.com/1/${name}.fifo`])),
};

const DURATIONS = [
  'P0D',
  'PT0S',
  'P99999999D',
  `P${'9'.repeat(400)}D`,
  'PT1.5H',
  'P1Y',
  '-P1D',
  'p1d',
  'P1DT',
  'PT',
];

/** Like `change`, and also replaces durations by other durations. */
const configChange = fc.oneof(
  change,
  fc.record({
    kind: fc.constant('replace' as const),
    field: fc.constantFrom(
      ...NAMES.flatMap((name) => [`datasets/${name}/settle`, `datasets/${name}/backfill`]),
    ),
    element: fc.constant(0),
    text: fc.constantFrom(...DURATIONS.map((duration) => JSON.stringify(duration))),
  }),
);

const YEAR = 366 * DAY;

function expectOneLine(
  error: unknown,
  kind: typeof ConfigError | typeof UsageFailure | typeof AtlasConfigurationError,
) {
  expect(error).toBeInstanceOf(kind);
  const message = error instanceof Error ? error.message : '';
  expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(message.length).toBeLessThan(1_000);
}

test('a configuration with any changed field is usable or refused in one line', () => {
  fc.assert(
    fc.property(configChange, fc.boolean(), (change, forFunction) => {
      const input: unknown = JSON.parse(
        changed(JSON.stringify(forFunction ? FUNCTION_CONFIG : CONFIG), change) || 'null',
      );
      try {
        const config = forFunction ? parseFunctionConfig(input) : parseConfig(input, datasets);
        for (const dataset of datasets) {
          expect(typeof isEnabled(dataset, config)).toBe('boolean');
          const settings = settingsFor(dataset, config);
          expect(settings.settle ?? 0).toBeLessThanOrEqual(YEAR);
          // The first window starts at a time that a date can represent.
          const { backfill = 0 } = z.object({ backfill: z.int().optional() }).parse(settings);
          expect(new Date(Date.UTC(2026, 0, 1) - backfill).getUTCFullYear()).toBeGreaterThan(1969);
        }
      } catch (error) {
        expectOneLine(error, ConfigError);
      }
      expectCleanPrototypes();
    }),
    { numRuns: 5_000 },
  );
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '\u0000', 'a\nb', '__proto__', 'x'.repeat(100_000), '\ud800', 'http://[', '%'),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.constantFrom(
    'https://u:pAsSwOrD@h',
    'http://example.com',
    'file:///etc/passwd',
    'javascript:1',
    '//h',
    'https://h/../x',
  ),
);

test('an environment with any variables is usable or refused in one line', async () => {
  const variables = [
    ...['MONGODB_ATLAS_CLIENT_ID', 'MONGODB_ATLAS_CLIENT_SECRET', 'MONGODB_ATLAS_PUBLIC_API_KEY'],
    ...['MONGODB_ATLAS_PRIVATE_API_KEY', 'MONGODB_ATLAS_BASE_URL'],
  ];
  const without = { XDG_CONFIG_HOME: '/dev/null' };
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...variables), text), async (environment) => {
      try {
        await atlasEnvironment({ ...environment, ...without });
      } catch (error) {
        expectOneLine(error, UsageFailure);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a base URL of any text is normalised or refused in one line', () => {
  fc.assert(
    fc.property(text, (url) => {
      try {
        const { origin, prefix } = parseBaseUrl(url);
        expect(origin).toMatch(/^(https:\/\/[^/@?#\s]+|http:\/\/(localhost|127\.[\d.]+|\[::1\])(:\d+)?)$/);
        expect(prefix).toMatch(/^(\/[^?#\s]*[^/])?$/);
      } catch (error) {
        expectOneLine(error, AtlasConfigurationError);
        expect(inspect(error)).not.toContain('pAsSwOrD');
      }
    }),
    { numRuns: 2_000 },
  );
});
