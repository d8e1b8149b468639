import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { AWS_CLIENT_DEFAULTS } from '../../shared/worker/aws-clients.ts';
import { judge, judgeBucket, type Verdict } from '../check/verdict.ts';
import { type ReadConfig, readConfig } from '../collector-config.ts';
import { withLakeDatabase } from '../duckdb/lake-database.ts';
import { EXIT, UsageFailure } from '../failure.ts';
import { printJson } from '../json-output.ts';
import { iso } from '../times.ts';

export interface CheckCommandOptions {
  lake: string;
  bucket?: string;
  cursorTable?: string;
  config?: string;
  json: boolean;
  quiet: boolean;
}

const CODES = { well: EXIT.done, wrong: EXIT.incomplete, unknown: EXIT.usage } as const;

/** Prints whether all is well with a lake, and what is wrong. Returns 0 if all is well, 1 if not, 2 if it cannot tell. */
export async function check(options: CheckCommandOptions): Promise<number> {
  const now = Date.now();
  const configuration = await readConfig(options.config);
  const { lake, verdict } = await judgeWhere(options, { ...configuration, now });
  if (options.json) {
    printJson({ lake, checkedAt: iso(now), ...verdict });
  } else if (!options.quiet || verdict.verdict !== 'well') {
    process.stdout.write(text(verdict));
  }
  return CODES[verdict.verdict];
}

async function judgeWhere(
  { lake, bucket, cursorTable: table }: CheckCommandOptions,
  about: ReadConfig & { now: number },
): Promise<{ lake: string; verdict: Verdict }> {
  if (bucket === undefined && table === undefined) {
    const verdict = await withLakeDatabase(lake, (connection) => judge(connection, { lake, ...about }));
    return { lake, verdict };
  }
  if (bucket === undefined || table === undefined) {
    throw new UsageFailure(
      'use --bucket and --cursor-table together, with the outputs LakeBucket and CursorTable of AtlasLakeStore',
    );
  }
  const s3 = new S3Client(AWS_CLIENT_DEFAULTS);
  const dynamodb = new DynamoDBClient(AWS_CLIENT_DEFAULTS);
  try {
    return { lake: `s3://${bucket}`, verdict: await judgeBucket({ s3, dynamodb, bucket, table }, about) };
  } finally {
    s3.destroy();
    dynamodb.destroy();
  }
}

function text({ summary, problems, notes }: Verdict): string {
  const lines = [
    summary,
    ...problems.map(({ message }) => `- ${message}`),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ];
  return `${lines.join('\n')}\n`;
}
