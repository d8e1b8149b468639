import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startLocalDynamoDb } from '../local-aws/dynamodb.ts';
import { isSystemError } from '../local-aws/s3/errors.ts';
import { CursorStore } from '../shared/cursors/cursor-store.ts';
import { readHeaders } from '../shared/cursors/header-list.ts';
import { SubjectRegistry } from '../shared/cursors/subject-registry.ts';
import { AWS_CLIENT_DEFAULTS } from '../shared/worker/aws-clients.ts';
import { CURSOR_TABLE, createCursorTable, type LocalAws } from './local-aws.ts';

/** Read access to the cursors of a lake on this machine. */
export type CursorReader = Pick<LocalAws, 'cursors' | 'subjects' | 'readHeaders'>;

/**
 * Opens a copy of a lake's cursors. It takes no lock and writes nothing into the lake's folder, so a collector may run
 * meanwhile, and the folder may be read-only. With AWS_ENDPOINT_URL_DYNAMODB, it reads from there.
 */
export async function withCursorSnapshot<Result>(
  folder: string,
  use: (cursors: CursorReader) => Promise<Result>,
): Promise<Result> {
  const given = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  if (given) return withClient(given, use);
  const copies = await mkdtemp(path.join(tmpdir(), 'atlas-lake-cursors-'));
  try {
    const copy = path.join(copies, 'dynamodb.db');
    await copyDatabase(path.join(folder, '.cursors', 'dynamodb.db'), copy);
    const service = await startLocalDynamoDb(copy);
    try {
      return await withClient(service.endpoint, use);
    } finally {
      await service.close();
    }
  } finally {
    await rm(copies, { recursive: true, force: true });
  }
}

async function withClient<Result>(
  endpoint: string,
  use: (cursors: CursorReader) => Promise<Result>,
): Promise<Result> {
  const dynamodb = new DynamoDBClient({
    ...AWS_CLIENT_DEFAULTS,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint,
  });
  try {
    await createCursorTable(dynamodb, CURSOR_TABLE);
    return await use({
      cursors: new CursorStore(dynamodb, CURSOR_TABLE),
      subjects: new SubjectRegistry(dynamodb, CURSOR_TABLE),
      readHeaders: () => readHeaders(dynamodb, CURSOR_TABLE),
    });
  } finally {
    dynamodb.destroy();
  }
}

/** Copies a SQLite database that another process may be changing. Without a database, there is no copy either. */
async function copyDatabase(from: string, to: string): Promise<void> {
  try {
    const database = new DatabaseSync(from, { readOnly: true });
    try {
      await backup(database, to);
    } finally {
      database.close();
    }
  } catch {
    // SQLite cannot open some databases in a folder that it may not write to. No one else writes there either.
    for (const suffix of ['', '-wal']) await copyIfPresent(`${from}${suffix}`, `${to}${suffix}`);
  }
}

async function copyIfPresent(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}
