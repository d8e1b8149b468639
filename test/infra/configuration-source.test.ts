import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { afterAll, describe, expect, test } from 'vitest';
import { declarations } from '../../functions/declarations.ts';
import { configurationSource } from '../../infra/collector/configuration-source.ts';
import { readEnvironment } from '../../shared/worker/environment.ts';
import { environmentOf, synthesize } from './templates.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'atlas-lake-configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns distinct ids of projects. */
function projects(count: number): string[] {
  return Array.from({ length: count }, (_, index) => index.toString(16).padStart(24, '0'));
}

/** Lambda's limit for all variables of a function, bytes. A queue's URL in AWS has up to this many. */
const LIMIT = 4096;
const QUEUE_URL = `https://sqs.ap-southeast-1.amazonaws.com/123456789012/${'q'.repeat(80)}`;

describe.each([0, 25, 40, 3_000])('a list of %i projects', (count) => {
  const listed = count === 0 ? {} : { projects: projects(count) };
  const { collector } = synthesize({
    ...listed,
    stackPrefix: 'A'.repeat(40),
    proxy: { url: 'http://p:3128' },
  });

  test('fits into the environment of every function, however long the names of AWS are', () => {
    for (const resource of collector.ofType('AWS::Lambda::Function')) {
      const variables = environmentOf(resource);
      const real = Object.entries(variables).map(([name, value]) => [
        name,
        value.replaceAll(/https:\/\/sqs\.example\/1\/address-of-\w+/g, QUEUE_URL),
      ]);
      expect(Buffer.byteLength(real.flat().join(''))).toBeLessThan(LIMIT);
    }
  });

  test('is in a layer only if it is too long for the environment', () => {
    const isLong = count > 30;
    expect(collector.ofType('AWS::Lambda::LayerVersion')).toHaveLength(isLong ? 1 : 0);
    for (const resource of collector.ofType('AWS::Lambda::Function')) {
      const { COLLECTOR_CONFIG_FILE: file } = environmentOf(resource);
      expect(file).toBe(isLong ? '/opt/configuration.json' : undefined);
      expect('Layers' in resource.Properties).toBe(isLong);
    }
  });
});

test('a function reads from the file and the variable what the owner wrote', () => {
  const configuration = {
    projects: projects(3_000),
    rateReserve: 0.5,
    datasets: { disk_measurements: { settle: 'PT15M' } },
  };
  const outdir = mkdtempSync(path.join(folder, 'out-'));
  const stack = new Stack(new App({ outdir }), 'Test');
  const source = configurationSource(stack, configuration, { queues: declarations.length, variables: {} });
  const [asset = ''] = readdirSync(outdir).filter((name) => name.startsWith('asset.'));
  const file = path.join(outdir, asset, 'configuration.json');
  expect(source.environment).toEqual({ COLLECTOR_CONFIG_FILE: '/opt/configuration.json' });
  const queues = { disk_measurements: 'https://sqs.example/1/disks' };
  const { config } = readEnvironment({
    ATLAS_SECRET_ARN: 'arn',
    COLLECTOR_CONFIG: JSON.stringify({ ...source.inEnvironment, queues }),
    COLLECTOR_CONFIG_FILE: file,
  });
  expect(config).toMatchObject({ ...configuration, queues });
});

test('a function whose file is missing, or is no object, does not start with defaults', () => {
  const variables = { ATLAS_SECRET_ARN: 'arn', COLLECTOR_CONFIG: '{"queues":{}}' };
  const file = path.join(folder, 'configuration.json');
  expect(() => readEnvironment({ ...variables, COLLECTOR_CONFIG_FILE: file })).toThrow('ENOENT');
  writeFileSync(file, '[]');
  expect(() => readEnvironment({ ...variables, COLLECTOR_CONFIG_FILE: file })).toThrow();
  expect(readFileSync(file, 'utf8')).toBe('[]');
});
