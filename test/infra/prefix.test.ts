import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ALL_ENABLED, environmentOf, type ParsedTemplate, synthesize } from './templates.ts';

const STACKS = ['store', 'collector', 'analysis'] as const;

const usual = synthesize(ALL_ENABLED);
const other = synthesize({ ...ALL_ENABLED, stackPrefix: 'AcmeLake' });

/** The properties with which a resource gets a name that the account and region must not have twice. */
const NAMES = [
  'AlarmName',
  'BucketName',
  'DashboardName',
  'FunctionName',
  'GroupName',
  'LayerName',
  'LogGroupName',
  'Name',
  'PolicyName',
  'QueueName',
  'RoleName',
  'StateMachineName',
  'TableName',
  'TopicName',
];

/** Types whose name is within another resource: a database, a workgroup or a role. */
const NAMED_WITHIN = ['AWS::Glue::Table', 'AWS::Athena::NamedQuery', 'AWS::IAM::Policy'];

/** Returns the names that a stack fixes in the account and region. */
function fixedNames({ resources }: ParsedTemplate): string[] {
  return resources
    .filter(({ Type }) => !NAMED_WITHIN.includes(Type))
    .flatMap(({ Type, Properties }) => [
      ...NAMES.flatMap((name) =>
        typeof Properties[name] === 'string' ? [`${Type} ${Properties[name]}`] : [],
      ),
      ...(Type === 'AWS::Glue::Database' ? [`${Type} ${JSON.stringify(Properties['DatabaseInput'])}`] : []),
    ]);
}

test('a deployment of before stays as it is: every resource has its id and type, and so is not replaced', () => {
  const before = readFileSync(new URL('./deployed-resources.txt', import.meta.url), 'utf8').trimEnd();
  const now = STACKS.flatMap((stack) =>
    usual[stack].resources.map(({ id, Type }) => `${stack} ${id} ${Type}`),
  );
  expect(before.split('\n').filter((line) => !now.includes(line))).toEqual([]);
});

test('without a prefix, the names are those of before', () => {
  expect(Object.values(usual.stacks).map(({ stackName }) => stackName)).toEqual([
    'AtlasLakeStore',
    'AtlasLakeCollector',
    'AtlasLakeAnalysis',
  ]);
  expect(STACKS.flatMap((stack) => fixedNames(usual[stack]))).toEqual([
    'AWS::Glue::Database {"Description":"MongoDB Atlas data, collected by Atlas Lake.","Name":"atlas_lake"}',
    'AWS::Athena::WorkGroup AtlasLakeStore-Catalog-DBC52140',
    'AWS::Glue::Database {"Description":"Internal to the publication of the Atlas lake.","Name":"atlas_lake_slices"}',
    'AWS::Athena::WorkGroup AtlasLakeAnalysis-Publication-5789C30D',
  ]);
  for (const { Properties } of usual.collector.ofType('AWS::Lambda::Function'))
    expect(JSON.stringify(Properties)).not.toContain('METRIC_NAMESPACE');
});

describe('a deployment with another prefix', () => {
  test('has the same resources', () => {
    for (const stack of STACKS) {
      expect(other[stack].resources.map(({ id, Type }) => [id, Type])).toEqual(
        usual[stack].resources.map(({ id, Type }) => [id, Type]),
      );
    }
  });

  test('shares no name with the first: stacks, exports, databases, workgroups and metrics differ', () => {
    expect(Object.values(other.stacks).map(({ stackName }) => stackName)).toEqual([
      'AcmeLakeStore',
      'AcmeLakeCollector',
      'AcmeLakeAnalysis',
    ]);
    const names = STACKS.flatMap((stack) => fixedNames(usual[stack]));
    for (const name of STACKS.flatMap((stack) => fixedNames(other[stack]))) expect(names).not.toContain(name);
    for (const stack of STACKS) {
      const text = JSON.stringify([other[stack].resources, other[stack].outputs]);
      expect(/AtlasLake|atlas_lake/.exec(text)).toBeNull();
    }
  });

  test('publishes its metrics where its alarms, dashboard and permissions look for them', () => {
    const functions = [...other.collector.resources, ...other.analysis.resources].filter(
      ({ Type }) => Type === 'AWS::Lambda::Function',
    );
    for (const resource of functions) expect(environmentOf(resource)['METRIC_NAMESPACE']).toBe('AcmeLake');
    const alarms = JSON.stringify(other.collector.ofType('AWS::CloudWatch::Alarm'));
    expect(alarms.includes('"Namespace":"AcmeLake"')).toBe(true);
    expect(JSON.stringify(other.collector.ofType('AWS::CloudWatch::Dashboard'))).toContain('AcmeLake');
    const [machine] = other.analysis.ofType('AWS::StepFunctions::StateMachine');
    expect(JSON.stringify(machine)).toContain('Namespace\\":\\"AcmeLake\\"');
    const policies = JSON.stringify(other.analysis.ofType('AWS::IAM::Policy'));
    expect(policies.includes('"cloudwatch:namespace":["AcmeLake"]')).toBe(true);
  });

  test('can name its database itself', () => {
    const { store } = synthesize({ stackPrefix: 'AcmeLake', catalog: { database: 'monitoring' } });
    expect(JSON.stringify(store.ofType('AWS::Glue::Database'))).toContain('"Name":"monitoring"');
  });
});

test.each(['acme', 'Acme-Lake', 'A', '1Lake', `A${'a'.repeat(40)}`, 'Acme Lake', ''])(
  'the prefix %j is refused',
  (stackPrefix) => {
    expect(() => synthesize({ stackPrefix })).toThrow(/^stackPrefix: expected a capital letter/);
  },
);

test('a prefix is refused whose database is that of the slices of another deployment', () => {
  expect(() => synthesize({ stackPrefix: 'AtlasLakeSlices' })).toThrow('stackPrefix: must not end in Slices');
});
