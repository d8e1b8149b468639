import type { LakeSource } from '../../../../cli/verification/lake-source.ts';
import { verifyLake } from '../../../../cli/verification/verify-lake.ts';
import { datasets } from '../../../../functions/datasets.ts';
import { decodeRecord, isGivenUp } from '../../../../shared/cursors/commit-record.ts';
import { decodeHeader } from '../../../../shared/cursors/header.ts';
import { isProjectId } from '../../../../shared/ids.ts';
import { batchOfRecord, recordKey, recordPrefix } from '../../../../shared/lake/keys.ts';
import { plain } from '../witness.ts';
import type { World } from '../world.ts';

/** What the oracle says of objects, and `verify` can see as well. */
const OF_THE_LAKE =
  / was committed before it was written| was changed after its commit| has rows that nobody committed|^twice in the lake/;

/**
 * Ends a history as a source would: `verify` finds nothing where no promise was broken, and something where the oracle
 * found objects or rows that are wrong.
 */
export async function checkVerification(world: World, violations: readonly string[]): Promise<string[]> {
  const { findings } = await verifyLake(sourceOf(world), { datasets, now: world.now });
  // What a run had announced when the table was lost is known to nobody. It is right that its objects are named, and
  // rows that are in the lake twice because of them.
  const orphans = [...world.witness.orphans];
  const isOfOrphans = ({ problem, table, day, example }: (typeof findings)[number]) =>
    problem === 'uncommitted'
      ? orphans.includes(example)
      : problem === 'duplicate' && orphans.some((key) => key.startsWith(`${table}/dt=${day}/`));
  const told = findings.filter((finding) => !isOfOrphans(finding));
  if (violations.length === 0) {
    return told.map((finding) => `verify finds what the oracle does not: ${JSON.stringify(finding)}`);
  }
  const seen = violations.find((violation) => OF_THE_LAKE.test(violation));
  return seen !== undefined && told.length === 0 ? [`verify does not find: ${seen}`] : [];
}

/** The simulated services as `verify` reads them. */
function sourceOf({ aws }: World): LakeSource {
  const { objects } = aws.s3;
  async function* list(prefix: string) {
    yield* [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
  const partition = (pk: unknown) => {
    const [dataset = '', project = ''] = String(pk).split('#');
    return isProjectId(project) ? { dataset, project } : null;
  };
  return {
    list,
    read: async (key) => objects.get(key) ?? null,
    exists: async (key) => objects.has(key),
    erasures: async () => [],
    expiresAfterDays: async () => null,
    headers: async () =>
      aws.dynamodb.items.map(plain).flatMap((item) => {
        const scope = partition(item['pk']);
        return scope && item['sk'] === 'header' ? [{ scope, header: decodeHeader(item) }] : [];
      }),
    // The watermarks have an oracle of their own.
    cursors: async () => [],
    async *records(scope) {
      for await (const key of list(recordPrefix(scope))) {
        const batch = batchOfRecord(key);
        if (batch !== undefined) yield batch;
      }
    },
    async record(scope, batch) {
      const body = objects.get(recordKey(scope, batch));
      const record = body && decodeRecord(body);
      return record && !isGivenUp(record) ? record : null;
    },
  };
}
