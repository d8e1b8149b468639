import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { datasets } from '../../functions/datasets.ts';
import { CursorStore } from '../../shared/cursors/cursor-store.ts';
import { SubjectRegistry } from '../../shared/cursors/subject-registry.ts';
import { isProjectId } from '../../shared/ids.ts';
import { resolve, synthesize } from './templates.ts';

const oneOrMore = z.union([z.string().transform((item) => [item]), z.array(z.string())]);

const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore,
  Resource: z
    .unknown()
    .transform((value) => (Array.isArray(value) ? value : [value]).map(resolve))
    .optional(),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

const documentSchema = z.object({ Statement: z.array(statementSchema) });

const { store, collector } = synthesize();
const resources = [...store.resources, ...collector.resources];

const statements = resources.flatMap(({ id, Properties }) =>
  ['PolicyDocument', 'AssumeRolePolicyDocument'].flatMap((property) =>
    Properties[property] === undefined
      ? []
      : documentSchema.parse(Properties[property]).Statement.map((statement) => ({ id, ...statement })),
  ),
);

const allowed = statements.filter(({ Effect }) => Effect === 'Allow');

/** Returns what roles may do, as `action resource`, with the test names of resources. */
function allowedTo(roleOf: RegExp): string[] {
  return allowed
    .filter(({ id, Principal }) => roleOf.test(id) && Principal === undefined)
    .flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => (Resource ?? []).map((resource) => `${action} ${resource}`)),
    )
    .sort();
}

describe('wildcards', () => {
  // No AWS requirement makes an exception necessary. Only Allow statements are checked: Deny statements must name all
  // actions and principals to refuse requests without TLS.
  test.each(allowed)('$id allows named actions on named resources', ({ Action, Resource, Principal }) => {
    for (const action of Action) expect(action).not.toContain('*');
    // An asterisk is valid only for the objects below one table's folder.
    for (const resource of Resource ?? []) expect(resource.replace(/\/[a-z_]+\/\*$/, '')).not.toContain('*');
    expect(JSON.stringify(Principal ?? '')).not.toContain('*');
  });

  test("no role has one of AWS's managed policies", () => {
    for (const { Properties } of collector.ofType('AWS::IAM::Role')) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });
});

const SECRET = /^secretsmanager:GetSecretValue \S+AtlasCredentials\S+$/;
const LOG = [/^logs:CreateLogStream arn-of-\w+Log\w+$/, /^logs:PutLogEvents arn-of-\w+Log\w+$/];

describe.each(datasets)('the function of $name', ({ name, tables }) => {
  const prefix = name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const policy = new RegExp(`^${prefix}CollectorRoleDefaultPolicy`);

  test('has exactly the permissions that its code needs', () => {
    const folders = [
      ...tables.map((table) => table.name),
      'collection_gaps',
      'collection_runs',
      'filled_gaps',
      `_commits/${name}`,
    ];
    const expected = [
      SECRET,
      ...LOG,
      /^s3:ListBucket \S+Lake\w+Arn\w+$/,
      ...folders.flatMap((folder) =>
        ['s3:GetObject', 's3:PutObject'].map(
          (action) => new RegExp(`^${action} \\S+Lake\\w+Arn\\w+/${folder}/\\*$`),
        ),
      ),
      ...['GetItem', 'PutItem', 'DeleteItem', 'Query'].map(
        (action) => new RegExp(`^dynamodb:${action} \\S+Cursors\\w+Arn\\w+$`),
      ),
      ...[
        'SendMessage',
        'ChangeMessageVisibility',
        'ReceiveMessage',
        'DeleteMessage',
        'GetQueueAttributes',
      ].map((action) => new RegExp(`^sqs:${action} arn-of-${prefix}QueueMessages\\w+$`)),
    ];
    const permissions = allowedTo(policy);
    for (const pattern of expected) expect(permissions).toContainEqual(expect.stringMatching(pattern));
    expect(permissions).toHaveLength(expected.length);
  });

  test('can access only the cursors of its own dataset', async () => {
    const conditions = allowed
      .filter(({ id, Action }) => policy.test(id) && Action.some((action) => action.startsWith('dynamodb:')))
      .map(({ Condition }) => Condition);
    expect(conditions).toEqual([{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${name}#*`] } }]);
    expect(await partitionKeyOf(name)).toMatch(new RegExp(`^${name}#[0-9a-f]{24}$`));
  });
});

const PROJECT = projectId('5efda6aea3f2ed2e7dd6ce00');

function projectId(text: string) {
  if (!isProjectId(text)) throw new Error('not a project id');
  return text;
}

/** Returns a client that records its requests and returns empty responses. */
function recordingClient(): { asked: unknown[]; client: DynamoDBClient } {
  const asked: unknown[] = [];
  const client = new DynamoDBClient({ region: 'us-east-1' });
  client.middlewareStack.add(() => async ({ input }) => {
    asked.push(input);
    return { output: { $metadata: {} }, response: {} };
  });
  return { asked, client };
}

/** Returns the partition key in the cursor store's actual requests. */
async function partitionKeyOf(dataset: string): Promise<unknown> {
  const { asked, client } = recordingClient();
  await new CursorStore(client, 'cursors').readHeader({ dataset, subject: PROJECT });
  const { Key } = z.object({ Key: z.object({ pk: z.object({ S: z.string() }) }) }).parse(asked[0]);
  return Key.pk.S;
}

test('dispatch may read the secret and commit records, read and write its subjects, send to every queue, and send dead ticks', () => {
  const expected = [
    SECRET,
    ...LOG,
    /^dynamodb:Query \S+Cursors\w+Arn\w+$/,
    /^dynamodb:PutItem \S+Cursors\w+Arn\w+$/,
    /^s3:ListBucket \S+Lake\w+Arn\w+$/,
    /^s3:GetObject \S+Lake\w+Arn\w+\/_commits\/\*$/,
    ...datasets.map(() => /^sqs:SendMessage arn-of-\w+QueueMessages\w+$/),
    /^sqs:SendMessage arn-of-DispatchDeadTicks\w+$/,
  ];
  const permissions = allowedTo(/^DispatchCollectorRoleDefaultPolicy/);
  for (const pattern of expected) expect(permissions).toContainEqual(expect.stringMatching(pattern));
  expect(permissions).toHaveLength(expected.length);
});

test('dispatch can access the partitions of its subjects but no cursors', async () => {
  const conditions = allowed
    .filter(({ id }) => id.startsWith('DispatchCollectorRoleDefaultPolicy'))
    .filter(({ Action }) => Action.some((action) => action.startsWith('dynamodb:')))
    .map(({ Condition }) => Condition);
  expect(conditions).toEqual([{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['units#*'] } }]);
  const { asked, client } = recordingClient();
  await new SubjectRegistry(client, 'cursors').add('alerts', [
    { subject: { kind: 'project', id: PROJECT }, credential: null, absence: null },
  ]);
  const { Item } = z.object({ Item: z.object({ pk: z.object({ S: z.string() }) }) }).parse(asked[0]);
  expect(Item.pk.S).toBe('units#alerts');
});

test('schedules may call dispatch and send dead ticks, and only they may use their role', () => {
  expect(allowedTo(/^TicksRoleDefaultPolicy/)).toEqual([
    expect.stringMatching(/^lambda:InvokeFunction arn-of-DispatchCollectorFunction\w+$/),
    expect.stringMatching(/^sqs:SendMessage arn-of-DispatchDeadTicks\w+$/),
  ]);
  const trusted = allowed.find(({ id, Principal }) => id.startsWith('TicksRole') && Principal !== undefined);
  expect(trusted?.Condition?.['StringEquals']).toEqual({
    'aws:SourceAccount': { Ref: 'AWS::AccountId' },
    'aws:SourceArn': { 'Fn::GetAtt': [expect.stringMatching(/^TicksGroup/), 'Arn'] },
  });
});
