import { expect, test } from 'vitest';
import { readPublishEnvironment } from '../../../functions/publish/environment.ts';
import { readEnvironment } from '../../../shared/worker/environment.ts';

const collector = { ATLAS_SECRET_ARN: 'arn', COLLECTOR_CONFIG: '{"queues":{}}' };
const publish = { LAKE_BUCKET: 'l', CURSOR_TABLE: 'c', ICEBERG_DATABASE: 'i', SLICES_DATABASE: 's' };

test.each([
  [undefined, 'AtlasLake'],
  ['AcmeLake', 'AcmeLake'],
])('with METRIC_NAMESPACE %s, functions publish metrics in %s', (given, expected) => {
  const variables = given === undefined ? {} : { METRIC_NAMESPACE: given };
  expect(readEnvironment({ ...collector, ...variables }).metricNamespace).toBe(expected);
  expect(readPublishEnvironment({ ...publish, ...variables }).metricNamespace).toBe(expected);
});
