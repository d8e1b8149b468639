import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { datasets } from '../../functions/datasets.ts';
import { readHeaders } from '../../shared/cursors/header-list.ts';
import { PublicationLock } from '../../shared/cursors/publication-lock.ts';
import { HOUR } from '../../shared/durations.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import { LakeRewriter } from '../../shared/lake/lake-rewriter.ts';
import { AWS_CLIENT_DEFAULTS } from '../../shared/worker/aws-clients.ts';
import { Athena } from '../erasure/athena.ts';
import { eraseFromIceberg, type IcebergErasure } from '../erasure/erase-iceberg.ts';
import { type Erasure, type ErasureResult, eraseUser } from '../erasure/erase-user.ts';
import { StatementError } from '../erasure/statement-error.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { printJson } from '../json-output.ts';
import { lakeExists, withLake } from '../lake-session.ts';
import { plainTable } from '../plain-table.ts';

export interface EraseOptions {
  user: string;
  lake: string;
  bucket?: string;
  cursorTable?: string;
  /** The Athena workgroup that changes the Iceberg tables of a lake in S3. */
  workGroup?: string;
  database: string;
  apply: boolean;
  json: boolean;
}

/** Erases one person from the lake. Without `--apply`, it only shows what would change. */
export async function erase(options: EraseOptions): Promise<number> {
  const result = await eraseWhere(options);
  if (result === 'busy') {
    const error =
      'atlas-lake: a publication is running: run the same command again when it has ended, within some minutes';
    process.stderr.write(`${error}\n`);
    if (options.json) printJson({ error, exitCode: EXIT.incomplete });
    return EXIT.incomplete;
  }
  if (options.json) printJson({ applied: options.apply, ...result });
  else process.stdout.write(report(options, result));
  return result.pending === 0 ? EXIT.done : EXIT.incomplete;
}

async function eraseWhere({
  lake: folder,
  bucket,
  cursorTable,
  workGroup,
  database,
  user,
  apply,
}: EraseOptions): Promise<LakeErasure | 'busy'> {
  const about = { tables: lakeTables(datasets), user, apply };
  if (bucket === undefined && cursorTable === undefined && workGroup === undefined) {
    if (!(await lakeExists(folder))) {
      throw new UsageFailure(`there is no lake in ${folder}: choose another (--lake DIR or --bucket NAME)`);
    }
    return withLake(folder, ({ rewriter, readHeaders: headers }) =>
      eraseUser({ ...about, lake: rewriter, readHeaders: headers }),
    );
  }
  if (bucket === undefined || cursorTable === undefined || workGroup === undefined) {
    throw new UsageFailure(
      'use --bucket, --cursor-table and --work-group together, with the outputs LakeBucket and CursorTable of AtlasLakeStore and PublicationWorkGroup of AtlasLakeAnalysis',
    );
  }
  return eraseInAws({ ...about, bucket, cursorTable, workGroup, database });
}

/** What an erasure changed. A lake on one machine has no Iceberg tables. */
interface LakeErasure extends ErasureResult {
  iceberg?: IcebergErasure[];
}

/** How long the part of an erasure before the next renewal may take: all landing files, or one statement. */
const LOCK_DURATION = 6 * HOUR;

/** Erases in the AWS account and region that the SDK's environment variables select. */
async function eraseInAws({
  bucket,
  cursorTable,
  workGroup,
  database,
  ...about
}: Omit<Erasure, 'lake' | 'readHeaders'> & {
  bucket: string;
  cursorTable: string;
  workGroup: string;
  database: string;
}): Promise<LakeErasure | 'busy'> {
  const s3 = new S3Client(AWS_CLIENT_DEFAULTS);
  const dynamodb = new DynamoDBClient(AWS_CLIENT_DEFAULTS);
  const athenaClient = new AthenaClient(AWS_CLIENT_DEFAULTS);
  const lock = new PublicationLock(dynamodb, cursorTable);
  const owner = `erase-${randomUUID()}`;
  try {
    // A publication that has read an object before it is erased would bring the person back.
    if (about.apply && !(await keepLock(lock, owner))) return 'busy';
    const landing = await eraseUser({
      ...about,
      lake: new LakeRewriter(s3, bucket),
      readHeaders: () => readHeaders(dynamodb, cursorTable),
    });
    const athena = new Athena(athenaClient, workGroup, database);
    const run = async (statement: string) => {
      if (about.apply && !(await keepLock(lock, owner))) {
        throw new StatementError('a publication has started meanwhile');
      }
      return athena.run(statement);
    };
    const where = { tables: about.tables, database, bucket, run, wait: setTimeout };
    return { ...landing, iceberg: await eraseFromIceberg(where, about.user, about.apply) };
  } finally {
    if (about.apply) await lock.release(owner);
    s3.destroy();
    dynamodb.destroy();
    athenaClient.destroy();
  }
}

/** Takes or renews the publication's lock. Returns false if a publication has it. */
function keepLock(lock: PublicationLock, owner: string): Promise<boolean> {
  const now = Date.now();
  return lock.acquire(owner, { now, until: now + LOCK_DURATION });
}

function report({ user, apply }: EraseOptions, { tables, pending, iceberg = [] }: LakeErasure): string {
  const found = tables.filter(({ objects }) => objects > 0);
  const lines: string[] = [];
  const published = iceberg.filter(({ removed, changed }) => removed + changed > 0);
  if (found.length + published.length === 0) lines.push(`${JSON.stringify(user)} is not in the lake.`);
  else {
    lines.push(
      plainTable(
        ['table', 'rows about the person', 'rows that mention them', 'objects', 'days'],
        [
          ...found.map((one) => [one.table, one.removed, one.changed, one.objects, span(one.days)]),
          ...published.map((one) => [`${one.table} (Iceberg)`, one.removed, one.changed, '', '']),
        ],
      ),
      apply
        ? 'Erased. S3 keeps the old versions for 30 days. Rebuild data derived from these days (docs/privacy.md).'
        : 'Nothing was changed. Run again with --apply to erase.',
    );
  }
  if (pending > 0) {
    lines.push(`${pending} objects are still being written: run the same command again after the next tick.`);
  }
  return `${lines.join('\n')}\n`;
}

function span(days: readonly string[]): string {
  const [first = ''] = days;
  const last = days.at(-1) ?? first;
  return first === last ? first : `${days.length}, from ${first} to ${last}`;
}
