import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { declarations } from '../../functions/declarations.ts';
import { configSchema, datasetConfig, parseConfig } from '../../shared/config.ts';
import { datasetSchema, stackSchema } from '../../shared/deployment/configuration.ts';
import { networkSchema } from '../../shared/deployment/network.ts';
import { proxySchema } from '../../shared/deployment/proxy.ts';
import { backfill, settle } from '../../shared/engine/settings.ts';
import { dispatchEventSchema } from '../../shared/worker/message.ts';
import { dispatchOf, functionConfig, partsOf } from './collector-parts.ts';
import { ALL_ENABLED, type ParsedTemplate, synthesize } from './templates.ts';

const names = declarations.map(({ name }) => name);

describe('the configuration', () => {
  const written = {
    projects: ['5efda6aea3f2ed2e7dd6ce00'],
    rateReserve: 0.5,
    datasets: {
      disk_measurements: { enabled: false },
      database_measurements: { settle: 'PT30M', backfill: 'P7D', granularity: 'PT1H' },
    },
  };
  const template = synthesize(written).collector;

  test('reaches every function unchanged, with the queues of all datasets', () => {
    for (const resource of template.ofType('AWS::Lambda::Function')) {
      const { queues, ...config } = functionConfig(resource);
      expect(config).toEqual(parseConfig(written, declarations));
      expect(Object.keys(queues)).toEqual(names);
    }
  });

  test('names a different queue for each dataset', () => {
    const queues = names.map((name) => partsOf(template, name).queue.id);
    expect(new Set(queues).size).toBe(names.length);
  });

  test('removes only the schedule of a disabled dataset, and of one that it does not enable', () => {
    const optional = declarations.filter(({ isOptional }) => isOptional).map(({ name }) => name);
    const disabled = ['disk_measurements', ...optional];
    expect(optional).not.toEqual([]);
    expect(ticksOf(template)).toEqual(names.filter((name) => !disabled.includes(name)));
    for (const name of disabled) expect(partsOf(template, name).function.Type).toBe('AWS::Lambda::Function');
    expect(ticksOf(synthesize(ALL_ENABLED).collector)).toEqual(names);
  });

  test('lets Lambda poll the queues of enabled datasets only, because polls cost even while a queue is empty', () => {
    const polled = (collector: ParsedTemplate) =>
      names.filter((name) => partsOf(collector, name).source.Properties['Enabled'] === true);
    expect(polled(template)).toEqual(ticksOf(template));
    expect(polled(template)).not.toContain('disk_measurements');
    expect(polled(synthesize(ALL_ENABLED).collector)).toEqual(names);
  });

  test('can be text from the command line', () => {
    const { collector: fromText } = synthesize(JSON.stringify(written));
    expect(functionConfig(dispatchOf(fromText))).toEqual(functionConfig(dispatchOf(template)));
  });

  test.each([
    [{ rateReserve: 2 }, 'rateReserve: '],
    [{ colour: 'red' }, 'the configuration: Unrecognized key: "colour"'],
    [{ projects: 'all' }, 'projects: '],
    [{ excludeProjects: ['x'] }, 'excludeProjects.0: expected a project id of 24 hexadecimal digits'],
    [{ datasets: 7 }, 'datasets: '],
    [{ datasets: { tables: {} } }, 'datasets.tables: no such dataset'],
    [{ datasets: { tables: { every: 'PT5M' } } }, 'datasets.tables: no such dataset'],
    [{ datasets: { disk_measurements: true } }, 'datasets.disk_measurements: '],
    [
      { datasets: { disk_measurements: { settles: 'PT5M' } } },
      'datasets.disk_measurements: Unrecognized key: "settles"',
    ],
    [
      { datasets: { disk_measurements: { every: 'PT7M' } } },
      'datasets.disk_measurements.every: expected a duration that divides an hour or a day',
    ],
    [
      { datasets: { disk_measurements: { every: 'often' } } },
      'datasets.disk_measurements.every: expected an ISO 8601 duration',
    ],
    [{ datasets: { disk_measurements: { concurrency: 1 } } }, 'datasets.disk_measurements.concurrency: '],
    [{ datasets: { disk_measurements: { concurrency: 1001 } } }, 'datasets.disk_measurements.concurrency: '],
    [
      { datasets: { disk_measurements: { expireAfterDays: 0 } } },
      'datasets.disk_measurements.expireAfterDays: ',
    ],
    [
      { datasets: { disk_measurements: { infrequentAccessAfterDays: 7 } } },
      'datasets.disk_measurements.infrequentAccessAfterDays: ',
    ],
    [{ alarms: { email: 'no address' } }, 'alarms.email: '],
    [
      { alarms: { topicArn: 'arn:aws:sqs:us-east-1:123456789012:q' } },
      'alarms.topicArn: expected the ARN of an SNS topic',
    ],
    [{ catalog: { landingDays: 1 } }, 'catalog.landingDays: '],
    [{ catalog: { firstDay: '2025-01-01' } }, 'catalog: firstDay no longer exists; the tables have all days'],
    [{ catalog: { colour: 'red' } }, 'catalog: Unrecognized key: "colour"'],
    [
      { catalog: { database: 'Atlas-Lake' } },
      'catalog.database: expected lower case letters, digits and underscores',
    ],
    [{ catalog: { scanLimitGigabytes: 0.5 } }, 'catalog.scanLimitGigabytes: '],
    [{ removalPolicy: 'keep' }, 'removalPolicy: '],
    [{ network: 'manged' }, "network: expected 'managed', or an object with vpcId and subnetIds"],
    [{ network: null }, "network: expected 'managed', or an object with vpcId and subnetIds"],
    [{ network: { vpcId: 'vpc-0123456789abcdef0' } }, 'network.subnetIds: '],
    [{ network: { vpcId: 'net-1', subnetIds: [] } }, 'network.vpcId: expected an id such as vpc-'],
    [
      { network: { vpcId: 'vpc-01234567', subnetIds: ['subnet-01234567', 'sg-01234567'] } },
      'network.subnetIds.1: expected an id such as subnet-',
    ],
    [
      { network: { vpcId: 'vpc-01234567', subnetIds: ['subnet-01234567'], securityGroupIds: [] } },
      'network.securityGroupIds: ',
    ],
    [{ network: { availabilityZone: 'b' } }, 'network.availabilityZone: expected the name of a zone'],
    [
      { network: { availabilityZone: 'eu-west-1b', vpcId: 'vpc-01234567' } },
      'network: Unrecognized key: "vpcId"',
    ],
    [{ proxy: {} }, 'proxy.url: '],
    [{ proxy: { url: 'http://' } }, 'proxy.url: expected the address of a proxy'],
    [{ proxy: { url: 'socks5://proxy:1080' } }, 'proxy.url: expected http:// or https://'],
    [{ proxy: { url: 'http://user:pass@proxy' } }, 'proxy.url: must not contain a user or password'],
    [{ certificates: '/no/such.pem' }, 'certificates: cannot read the file (ENOENT'],
    [{ certificates: 'package.json' }, 'certificates: package.json has no certificate in PEM'],
    ['{"projects"', 'the configuration: not JSON'],
    ['7', 'the configuration: expected an object'],
    [
      { proxy: { url: 'http://proxy', noProxy: 'host.example.com,'.repeat(200) } },
      /^proxy\.noProxy: is \d+ bytes too long for the environment of a function; use names of domains$/,
    ],
  ])('refuses %j', (configuration, message) => {
    expect(() => synthesize(configuration)).toThrow(message);
  });

  test('sets how many projects of a dataset are collected at a time', () => {
    const { collector } = synthesize({ datasets: { alerts: { concurrency: 200 } } });
    const concurrency = (name: string) => partsOf(collector, name).source.Properties['ScalingConfig'];
    expect(concurrency('alerts')).toEqual({ MaximumConcurrency: 200 });
    expect(concurrency('inventory')).toEqual({ MaximumConcurrency: 2 });
  });

  test('refuses a setting that a dataset does not have', () => {
    const settings = (name: string) => ({ datasets: { [name]: { granularity: 'PT1H' } } });
    const [some] = declarations;
    if (!some) throw new Error('no dataset');
    const plain = {
      ...some,
      name: 'plain',
      settings: z.strictObject({ settle: settle.default(0), backfill: backfill.default(0) }),
    };
    expect(() => parseConfig(settings('plain'), [some, plain])).toThrow(
      'datasets.plain.granularity: plain has no such setting; it has enabled, settle, backfill',
    );
  });

  test('keeps stack-only fields out of the functions', () => {
    const { collector } = synthesize({
      ...written,
      alarms: {},
      catalog: {},
      datasets: {
        disk_measurements: { every: 'PT1H', concurrency: 9, expireAfterDays: 400, settle: 'PT15M' },
      },
    });
    const { queues: _, ...config } = functionConfig(dispatchOf(collector));
    const { projects, rateReserve } = written;
    const expected = { projects, rateReserve, datasets: { disk_measurements: { settle: 'PT15M' } } };
    expect(config).toEqual(parseConfig(expected, declarations));
    const [schedule] = collector
      .ofType('AWS::Scheduler::Schedule')
      .filter(({ Properties }) => JSON.stringify(Properties).includes('disk_measurements'));
    expect(schedule?.Properties['ScheduleExpression']).toBe('cron(2 * * * ? *)');
  });
});

test('docs/configuration.md documents exactly the existing fields', async () => {
  const text = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const tables = text.split('\n\n').filter((part) => part.startsWith('| field |'));
  const documented = tables.flatMap((table) =>
    [...table.matchAll(/^\| `([\w.<>]+)` \|/gm)].map(([, field]) => field),
  );
  const ofDataset = [...Object.keys(datasetConfig(declarations).shape), ...Object.keys(datasetSchema.shape)];
  const fields = [
    ...Object.keys(configSchema.shape),
    ...Object.keys(stackSchema.shape).filter(
      (field) => !['alarms', 'catalog', 'publish', 'network', 'proxy'].includes(field),
    ),
    ...Object.keys(stackSchema.shape.alarms.unwrap().shape).map((field) => `alarms.${field}`),
    ...Object.keys(stackSchema.shape.catalog.unwrap().shape).map((field) => `catalog.${field}`),
    ...Object.keys(stackSchema.shape.publish.unwrap().shape).map((field) => `publish.${field}`),
    'network',
    ...Object.keys(proxySchema.shape).map((field) => `proxy.${field}`),
    ...Object.keys(networkSchema.shape).map((field) => `network.${field}`),
    ...ofDataset.map((field) => `datasets.<name>.${field}`),
  ].filter((field) => field !== 'datasets');
  expect(documented.sort()).toEqual(fields.sort());
});

function ticksOf(template: ParsedTemplate): string[] {
  return template.ofType('AWS::Scheduler::Schedule').map(({ Properties }) => {
    const { Input } = z.object({ Input: z.string() }).parse(Properties['Target']);
    return dispatchEventSchema.extend({ tick: z.unknown() }).parse(JSON.parse(Input)).dataset;
  });
}
