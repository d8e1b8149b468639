import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { findDynoxide, NoLocalDynamoDbError, startLocalDynamoDb } from '../../../local-aws/dynamodb.ts';
import { createCasesTable, WRITE_CASES } from '../../support/dynamodb-cases.ts';
import { AWS, eventually, kill, startProcess, temporaryFolder } from './support.ts';

const TABLE = 'cursors';

function dynamoDbClient(endpoint: string): DynamoDBClient {
  const client = new DynamoDBClient({ ...AWS, endpoint, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

async function createTable(client: DynamoDBClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
}

const put = (client: DynamoDBClient, id: string) =>
  client.send(
    new PutItemCommand({ TableName: TABLE, Item: { id: { S: id }, filler: { S: 'x'.repeat(5000) } } }),
  );

async function has(client: DynamoDBClient, id: string): Promise<boolean> {
  const response = await client.send(
    new GetItemCommand({ TableName: TABLE, Key: { id: { S: id } }, ConsistentRead: true }),
  );
  return response.Item !== undefined;
}

/** Returns every process with this file on its command line: the server and the shell that controls it. */
async function processesOn(database: string): Promise<{ pid: number; command: string }[]> {
  const found: { pid: number; command: string }[] = [];
  for (const entry of await readdir('/proc')) {
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (/^\d+$/.test(entry) && command.includes(database) && !command.includes('dynamodb-server')) {
      found.push({ pid: Number(entry), command });
    }
  }
  return found;
}

async function serverPid(database: string): Promise<number> {
  const server = (await processesOn(database)).find(({ command }) => !command.startsWith('/bin/sh'));
  if (server === undefined) throw new Error('the server does not run');
  return server.pid;
}

test('items survive a restart in one file', async () => {
  const folder = await temporaryFolder();
  const database = path.join(folder, 'dynamodb.db');
  const first = await startLocalDynamoDb(database);
  expect(first.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  const client = dynamoDbClient(first.endpoint);
  await createTable(client);
  await put(client, 'kept');
  await first.close();
  await first.close();
  // A graceful stop leaves no journal.
  expect(await readdir(folder)).toEqual(['dynamodb.db']);
  expect(await processesOn(database)).toEqual([]);

  const second = await startLocalDynamoDb(database);
  expect(await has(dynamoDbClient(second.endpoint), 'kept')).toBe(true);
  await second.close();
});

test('several servers can start together', async () => {
  const folder = await temporaryFolder();
  const servers = await Promise.all(
    Array.from({ length: 6 }, (_, index) => startLocalDynamoDb(path.join(folder, `${index}.db`))),
  );
  expect(new Set(servers.map(({ endpoint }) => endpoint)).size).toBe(6);
  await Promise.all(servers.map((server) => server.close()));
});

test('kill -9 of the process also stops the server, and loses no acknowledged item', async () => {
  const database = path.join(await temporaryFolder(), 'dynamodb.db');
  const setUp = await startLocalDynamoDb(database);
  await createTable(dynamoDbClient(setUp.endpoint));
  await setUp.close();
  const acknowledged: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    const { child, line: endpoint } = await startProcess('dynamodb-server', database);
    const client = dynamoDbClient(endpoint);
    const before = acknowledged.length;
    const writing = (async () => {
      for (let item = 0; ; item += 1) {
        await put(client, `${round}-${item}`);
        acknowledged.push(`${round}-${item}`);
      }
    })().catch(() => {});
    await eventually(() => acknowledged.length > before + 20);
    await kill(child);
    await eventually(async () => (await processesOn(database)).length === 0);
    await writing;
  }
  const server = await startLocalDynamoDb(database);
  const client = dynamoDbClient(server.endpoint);
  for (const id of acknowledged) expect(await has(client, id)).toBe(true);
  await server.close();
});

test('close reports a server that stopped unexpectedly', async () => {
  const database = path.join(await temporaryFolder(), 'dynamodb.db');
  const server = await startLocalDynamoDb(database);
  process.kill(await serverPid(database), 'SIGKILL');
  await eventually(async () => (await processesOn(database)).length === 0);
  await expect(server.close()).rejects.toThrow(/^The local DynamoDB stopped unexpectedly: .*137/);
});

test('close kills a server that does not stop gracefully', async () => {
  const database = path.join(await temporaryFolder(), 'dynamodb.db');
  const server = await startLocalDynamoDb(database);
  process.kill(await serverPid(database), 'SIGSTOP');
  await server.close();
  await eventually(async () => (await processesOn(database)).length === 0);
});

test('Ctrl-C does not stop the server before its parent', async () => {
  const database = path.join(await temporaryFolder(), 'dynamodb.db');
  const { child, line } = await startProcess('dynamodb-server', database);
  expect(line).toMatch(/^http/);
  const lines = createInterface(child.stdout);
  // The terminal signals the whole process group.
  process.kill(-(child.pid ?? 0), 'SIGINT');
  const printed: string[] = [];
  for await (const text of lines) printed.push(text);
  expect(printed).toEqual(['responded true', 'closed']);
});

test('startLocalDynamoDb reports an unreadable database in one line', async () => {
  const database = path.join(await temporaryFolder(), 'dynamodb.db');
  await writeFile(database, 'this is no database, but long enough to look at');
  const start = startLocalDynamoDb(database);
  await expect(start).rejects.toThrow(/^The local DynamoDB did not start: .*not a valid SQLite database/);
  await expect(start).rejects.not.toThrow(/\n/);
});

test('findDynoxide explains what to do if there is no binary', () => {
  expect(() => findDynoxide('plan9', 'mips')).toThrow(NoLocalDynamoDbError);
  expect(() => findDynoxide('plan9', 'mips')).toThrow(
    /^There is no local DynamoDB stand-in for plan9-mips: .*DynamoDB Local.* set AWS_ENDPOINT_URL_DYNAMODB.*$/,
  );
});

/**
 * The collector's own check rejects what dynoxide accepts beyond DynamoDB's limits
 * (`shared/cursors/dynamodb-limits.ts`).
 */
test('dynoxide accepts the same writes as DynamoDB, except for attribute names and an empty map at the deepest level', async () => {
  const server = await startLocalDynamoDb(path.join(await temporaryFolder(), 'dynamodb.db'));
  onTestFinished(() => server.close());
  const client = dynamoDbClient(server.endpoint);
  await createCasesTable(client);
  const differs: string[] = [];
  for (const { name, writes, rejected } of WRITE_CASES) {
    const accepted = await client.send(new TransactWriteItemsCommand({ TransactItems: writes })).then(
      () => true,
      () => false,
    );
    if (accepted === (rejected !== undefined)) differs.push(name);
  }
  expect(differs).toEqual([
    'an empty attribute name',
    'an empty attribute name in a map',
    'an empty attribute name deep in lists and maps',
    'an empty attribute name in one item of a transaction',
    'an attribute name of 64 KB',
    'an attribute name of 64 KB in a map',
    'an empty map as level 32',
  ]);
});
