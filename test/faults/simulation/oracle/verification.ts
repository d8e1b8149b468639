import { replacedBy } from '../../../../cli/verification/damage.ts';
import type { Finding } from '../../../../cli/verification/findings.ts';
import type { LakeSource } from '../../../../cli/verification/lake-source.ts';
import { verifyLake } from '../../../../cli/verification/verify-lake.ts';
import { datasets } from '../../../../functions/datasets.ts';
import { decodeRecord, isGivenUp } from '../../../../shared/cursors/commit-record.ts';
import { decodeHeader } from '../../../../shared/cursors/header.ts';
import { isProjectId } from '../../../../shared/ids.ts';
import { batchOfRecord, recordKey, recordPrefix } from '../../../../shared/lake/keys.ts';
import { replacementKey } from '../../../../shared/lake/replacements.ts';
import { textOfObject } from '../../../support/decompressed.ts';
import { documentOf, plain } from '../cursor-changes.ts';
import type { World } from '../world.ts';
import { replacedObjects } from './replacements.ts';

/** The violations of objects that `verify` can see too. */
const VISIBLE_TO_VERIFY =
  / was committed before it was written| was changed after its commit| has rows that no run committed|^twice in the lake/;

/**
 * Runs `verify` at the end of a history. It must find nothing if no promise was broken, and something if the oracle found
 * wrong objects or rows.
 * @param endsAfterPause the last run read days at once. If Atlas had no values for most of them, the target looks unbacked
 */
export async function checkVerification(
  world: World,
  violations: readonly string[],
  endsAfterPause: boolean,
): Promise<string[]> {
  // No table knows the batches that were announced when the table was lost, so only their objects may be wrong.
  const { orphans } = world.observer;
  const { findings: all } = await verifyLake(sourceOf(world, orphans), { datasets, now: world.now });
  const missing = all.filter(({ problem }) => problem === 'missing');
  const findings = all.filter(
    ({ problem }) => problem !== 'missing' && !(problem === 'unbacked' && endsAfterPause),
  );
  if (violations.length > 0) {
    const seen = violations.find((violation) => VISIBLE_TO_VERIFY.test(violation));
    return seen !== undefined && findings.length === 0 ? [`verify does not find: ${seen}`] : [];
  }
  return [
    ...findings.map((finding) => `verify finds what the oracle does not find: ${JSON.stringify(finding)}`),
    ...(await checkOrphans(world, orphans)),
    ...checkMissing(world, missing),
    ...(await checkLostCommit(world)),
  ];
}

/**
 * Checks that `verify` misses a commit that is gone with its record and all of its objects. Between given-up numbers it
 * cannot know whether there was one.
 */
async function checkLostCommit(world: World): Promise<string[]> {
  const { objects } = world.aws.s3;
  const decided = [...objects.keys()].filter((key) => batchOfRecord(key) !== undefined).sort();
  const documents = decided.map((key) => decodeRecord(objects.get(key) ?? Buffer.alloc(0)));
  const isRecord = documents.map((document) => !isGivenUp(document));
  const records = documents.flatMap((record, index) => {
    const isKnown = isRecord[index - 1] || isRecord[index + 1] || index + 1 === documents.length;
    return isGivenUp(record) || !isKnown ? [] : [{ key: decided[index] ?? '', record }];
  });
  const lost = records[world.now % records.length];
  if (lost === undefined) return [];
  const hidden = new Set([lost.key, ...lost.record.objects.map(({ key }) => key)]);
  const { findings } = await verifyLake(sourceOf(world, hidden), { datasets, now: world.now });
  const named = findings.filter(({ problem }) => problem === 'lost').map(({ example }) => example);
  return named.join() === lost.key ? [] : [`verify names ${named.join()}, but ${lost.key} is gone`];
}

/** Checks that `verify` counts the objects that someone deleted, without those that a backfill replaced. */
function checkMissing(world: World, missing: readonly Finding[]): string[] {
  const replaced = replacedObjects(world);
  const gone = [...world.observer.deleted.keys()].filter((key) => !replaced.includes(key));
  const wanted = [...Map.groupBy(gone, (key) => key.slice(0, key.lastIndexOf('/')))].map(
    ([day, keys]) => `${day}: ${keys.length}`,
  );
  const named = missing.map(({ table, day, count }) => `${table}/dt=${day}: ${count}`);
  return named.sort().join() === wanted.sort().join()
    ? []
    : [`verify misses ${named.join()}, but ${wanted.join()} are gone`];
}

/** Checks that `verify` counts the objects that no run committed. They may make rows appear twice. */
async function checkOrphans(world: World, orphans: ReadonlySet<string>): Promise<string[]> {
  const hasRows = (key: string) => {
    const body = world.aws.s3.objects.get(key);
    return body !== undefined && textOfObject(key, body) !== '';
  };
  const days = Map.groupBy([...orphans].filter(hasRows), (key) => key.slice(0, key.lastIndexOf('/')));
  if (days.size === 0) return [];
  const { findings } = await verifyLake(sourceOf(world, new Set()), { datasets, now: world.now });
  const named = findings
    .filter(({ problem }) => problem !== 'duplicate' && problem !== 'missing')
    .map(({ problem, table, day, count }) => `${problem} ${table}/dt=${day}: ${count}`);
  const wanted = [...days].map(([day, keys]) => `uncommitted ${day}: ${keys.length}`);
  return named.sort().join() === wanted.sort().join()
    ? []
    : [`verify names ${named.join()}, but the uncommitted objects are ${wanted.join()}`];
}

/** Returns the simulated services as `verify` reads them, without the hidden objects. */
function sourceOf({ aws }: World, hidden: ReadonlySet<string>): LakeSource {
  const objects = new Map([...aws.s3.objects].filter(([key]) => !hidden.has(key)));
  async function* list(prefix: string) {
    yield* [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
  const partition = (pk: unknown) => {
    const [dataset = '', project = ''] = String(pk).split('#');
    return isProjectId(project) ? { dataset, subject: project } : null;
  };
  return {
    list,
    read: async (key) => objects.get(key) ?? null,
    exists: async (key) => objects.has(key),
    isReplaced: async (key) => replacedBy(objects.get(replacementKey(key)) ?? null),
    erasures: async () => [],
    expiresAfterDays: async () => null,
    headers: async () =>
      aws.dynamodb.items.map(plain).flatMap((item) => {
        const scope = partition(item['pk']);
        return scope && item['sk'] === 'header' ? [{ scope, header: decodeHeader(item) }] : [];
      }),
    cursors: async ({ dataset, subject }) =>
      aws.dynamodb.items.flatMap((item) => {
        const { pk, sk } = plain(item);
        const id = /^cursor#(.*)$/s.exec(String(sk))?.[1];
        return pk === `${dataset}#${subject}` && id !== undefined ? [{ id, content: documentOf(item) }] : [];
      }),
    async recordedScopes() {
      const paths = new Set([...objects.keys()].map((key) => /^_commits\/([^/]+\/[^/]+)\//.exec(key)?.[1]));
      return [...paths].flatMap((path) => partition(path?.replace('/', '#')) ?? []);
    },
    async *records(scope) {
      for await (const key of list(recordPrefix(scope))) {
        const batch = batchOfRecord(key);
        if (batch !== undefined) yield batch;
      }
    },
    async record(scope, batch) {
      const body = objects.get(recordKey(scope, batch));
      return body === undefined ? null : decodeRecord(body);
    },
  };
}
