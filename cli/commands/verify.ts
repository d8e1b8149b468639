import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { datasets } from '../../functions/datasets.ts';
import { CursorStore } from '../../shared/cursors/cursor-store.ts';
import { AWS_CLIENT_DEFAULTS } from '../../shared/worker/aws-clients.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { printJson } from '../json-output.ts';
import { lakeExists, withLake } from '../lake-session.ts';
import { plainTable } from '../plain-table.ts';
import { PROBLEMS } from '../verification/findings.ts';
import { localSource, s3Source } from '../verification/s3-source.ts';
import { verifyCompacted } from '../verification/verify-compacted.ts';
import { type Verification, verifyLake } from '../verification/verify-lake.ts';
import { grouped } from '../words.ts';

export interface VerifyOptions {
  lake: string;
  bucket?: string;
  cursorTable?: string;
  json: boolean;
}

/** Checks a lake against its commit records and cursors. Prints a verdict in one line, then the problems. */
export async function verify(options: VerifyOptions): Promise<number> {
  const result = await verifyWhere(options);
  const clean = result.findings.length === 0;
  if (options.json) printJson({ clean, ...result });
  else process.stdout.write(report(result));
  return clean ? EXIT.done : EXIT.incomplete;
}

async function verifyWhere({ lake, bucket, cursorTable }: VerifyOptions): Promise<Verification> {
  const about = { datasets, now: Date.now() };
  if (bucket === undefined && cursorTable === undefined) {
    if (!(await lakeExists(lake))) {
      throw new UsageFailure(`there is no lake in ${lake}: choose another (--lake DIR or --bucket NAME)`);
    }
    return withLake(lake, async (aws, folder) => {
      const { findings, checked } = await verifyLake(localSource(aws), about);
      return { findings: [...findings, ...(await verifyCompacted(folder))], checked };
    });
  }
  if (bucket === undefined || cursorTable === undefined) {
    throw new UsageFailure(
      'use --bucket and --cursor-table together, with the outputs LakeBucket and CursorTable of AtlasLakeStore',
    );
  }
  const s3 = new S3Client(AWS_CLIENT_DEFAULTS);
  const dynamodb = new DynamoDBClient(AWS_CLIENT_DEFAULTS);
  try {
    const source = s3Source(s3, bucket, {
      cursors: new CursorStore(dynamodb, cursorTable),
      dynamodb,
      table: cursorTable,
    });
    return await verifyLake(source, about);
  } finally {
    s3.destroy();
    dynamodb.destroy();
  }
}

function report({ findings, checked }: Verification): string {
  const counts = `${grouped(checked.objects)} objects with ${grouped(checked.rows)} rows from ${grouped(checked.commits)} commits`;
  const notes = [
    ...(checked.unrecorded > 0
      ? [
          `${grouped(checked.unrecorded)} objects are older than commit records: only their rows were checked.`,
        ]
      : []),
    ...(checked.expired > 0
      ? [`${grouped(checked.expired)} objects were deleted by the bucket's lifecycle rules.`]
      : []),
    ...(checked.replaced > 0
      ? [`${grouped(checked.replaced)} objects are gone, and their rows were read again by backfill.`]
      : []),
    ...(checked.removed > 0
      ? [
          `${grouped(checked.removed)} datasets of projects have cursors but no commits. If nobody removed their data, restore it from a backup.`,
        ]
      : []),
  ];
  if (checked.objects === 0 && findings.length === 0)
    return 'The lake is empty: there is nothing to check.\n';
  if (findings.length === 0) return [`The lake is intact: ${counts}.`, ...notes, ''].join('\n');
  const kinds = new Set(findings.map(({ problem }) => PROBLEMS[problem]));
  const table = plainTable(
    ['problem', 'table', 'day', 'count', 'first'],
    findings.map(({ problem, table: name, day, count, example }) => [
      problem,
      name,
      day ?? '',
      count,
      example,
    ]),
  );
  return [
    `The lake is NOT intact: ${[...kinds].join('; ')}.`,
    `Checked: ${counts}.`,
    ...notes,
    '',
    table,
    '',
  ].join('\n');
}
