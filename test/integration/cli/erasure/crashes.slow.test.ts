import type { S3Client } from '@aws-sdk/client-s3';
import { afterEach, expect, test } from 'vitest';
import { eraseUser } from '../../../../cli/erasure/erase-user.ts';
import { startLocalAws } from '../../../../cli/local-aws.ts';
import { datasets } from '../../../../functions/datasets.ts';
import { HOUR } from '../../../../shared/durations.ts';
import { lakeTables } from '../../../../shared/engine/tables.ts';
import { createOrganisation } from '../../../../simulator/organisation.ts';
import { verified } from '../../../support/backfilled-lake.ts';
import { lakeViolations } from '../../../support/lake-check.ts';
import { type LakeRow, tableRows } from '../../../support/lake-files.ts';
import { type Scenario, startScenario } from '../../../support/scenario.ts';
import { T } from '../../../support/times.ts';

const END = T + 5 * HOUR;

class Crash extends Error {}

/** Lets the n-th PUT of a client end the process, before or after its effect. */
function crash(s3: S3Client, crashAt: number, when: 'before' | 'after'): void {
  let puts = 0;
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        if (commandName === 'PutObjectCommand') puts += 1;
        const isOver = puts >= crashAt;
        if (isOver && when === 'before') throw new Crash();
        const result = await next(request);
        if (isOver) throw new Crash();
        return result;
      },
    // Before retries, so that nothing is sent after a crash.
    { step: 'initialize', name: 'crash' },
  );
}

let scenario: Scenario;
afterEach(() => scenario.close());

test.each(['before', 'after'] as const)(
  'an erasure that dies %s any PUT leaves an intact lake, and its repetition ends it',
  async (when) => {
    const cluster = { name: 'c', nodes: 1, accessLogs: { perHour: 20 } };
    const organisation = createOrganisation({ projects: [{ name: 'p', clusters: [cluster] }] });
    scenario = await startScenario({ organisation, start: T });
    for (let at = T; at <= END; at += HOUR) await scenario.tick(at, ['access_logs']);
    const before = await tableRows(scenario.bucket, 'access_logs');
    const user = String(before[0]?.['username']);
    const isAbout = (row: LakeRow) => row['username'] === user || String(row['log_line']).includes(user);
    const others = before.filter((row) => !isAbout(row)).map((row) => row['record_id']);
    let crashes = 0;
    for (let put = 1; ; put += 1) {
      let isDone = false;
      await scenario.restart(async (folder) => {
        const aws = await startLocalAws(folder);
        crash(aws.s3, put, when);
        const erasure = eraseUser({
          ...{ tables: lakeTables(datasets), readHeaders: aws.readHeaders, lake: aws.rewriter, user },
          apply: true,
        });
        isDone = await erasure.then(
          () => true,
          (error: unknown) => {
            if (!(error instanceof Crash)) throw error;
            return false;
          },
        );
        await aws.close();
      });
      expect((await verified(scenario, END)).findings).toEqual([]);
      if (isDone) break;
      crashes += 1;
    }
    expect(crashes).toBeGreaterThan(3);
    const after = await tableRows(scenario.bucket, 'access_logs');
    expect(after.filter(isAbout)).toEqual([]);
    expect(after.map((row) => row['record_id'])).toEqual(expect.arrayContaining(others));
    expect(await lakeViolations(scenario.bucket)).toEqual([]);
  },
);
