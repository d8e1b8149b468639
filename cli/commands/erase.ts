import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { datasets } from '../../functions/datasets.ts';
import { readHeaders } from '../../shared/cursors/header-list.ts';
import { lakeTables } from '../../shared/engine/tables.ts';
import { LakeRewriter } from '../../shared/lake/lake-rewriter.ts';
import { AWS_CLIENT_DEFAULTS } from '../../shared/worker/aws-clients.ts';
import { type Erasure, type ErasureResult, eraseUser } from '../erasure/erase-user.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { lakeExists, withLake } from '../lake-session.ts';
import { plainTable } from '../plain-table.ts';

export interface EraseOptions {
  user: string;
  lake: string;
  bucket?: string;
  cursorTable?: string;
  apply: boolean;
  json: boolean;
}

/** Erases one person from the lake. Without `--apply`, it only shows what would change. */
export async function erase(options: EraseOptions): Promise<number> {
  if (options.user === '') throw new UsageFailure('--user needs a name');
  const result = await eraseWhere(options);
  if (options.json) process.stdout.write(`${JSON.stringify({ applied: options.apply, ...result })}\n`);
  else process.stdout.write(report(options, result));
  return result.pending === 0 ? EXIT.done : EXIT.incomplete;
}

async function eraseWhere({
  lake: folder,
  bucket,
  cursorTable,
  user,
  apply,
}: EraseOptions): Promise<ErasureResult> {
  const about = { tables: lakeTables(datasets), user, apply };
  if (bucket === undefined && cursorTable === undefined) {
    if (!(await lakeExists(folder))) {
      throw new UsageFailure(`there is no lake in ${folder}: choose another (--lake DIR or --bucket NAME)`);
    }
    return withLake(folder, ({ rewriter, readHeaders: headers }) =>
      eraseUser({ ...about, lake: rewriter, readHeaders: headers }),
    );
  }
  if (bucket === undefined || cursorTable === undefined) {
    throw new UsageFailure(
      'use --bucket and --cursor-table together, with the outputs LakeBucket and CursorTable of AtlasLakeStore',
    );
  }
  return eraseInAws({ ...about, bucket, cursorTable });
}

/** Erases in the AWS account and region that the SDK's environment variables select. */
async function eraseInAws({
  bucket,
  cursorTable,
  ...about
}: Omit<Erasure, 'lake' | 'readHeaders'> & { bucket: string; cursorTable: string }): Promise<ErasureResult> {
  const s3 = new S3Client(AWS_CLIENT_DEFAULTS);
  const dynamodb = new DynamoDBClient(AWS_CLIENT_DEFAULTS);
  try {
    return await eraseUser({
      ...about,
      lake: new LakeRewriter(s3, bucket),
      readHeaders: () => readHeaders(dynamodb, cursorTable),
    });
  } finally {
    s3.destroy();
    dynamodb.destroy();
  }
}

function report({ user, apply }: EraseOptions, { tables, pending }: ErasureResult): string {
  const found = tables.filter(({ objects }) => objects > 0);
  const lines: string[] = [];
  if (found.length === 0) lines.push(`${JSON.stringify(user)} is not in the lake.`);
  else {
    lines.push(
      plainTable(
        ['table', 'rows about the person', 'rows that mention them', 'objects', 'days'],
        found.map((one) => [one.table, one.removed, one.changed, one.objects, span(one.days)]),
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
