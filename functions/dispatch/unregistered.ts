import pLimit from 'p-limit';
import type { KnownSubject } from '../../shared/cursors/subject-registry.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { collectedBy } from '../../shared/engine/run-statistics.ts';
import { isProjectId, type SubjectId, subjectOf } from '../../shared/ids.ts';
import type { CommitLog } from '../../shared/lake/commit-log.ts';
import type { CredentialListing, UnregisteredSubject } from './plan.ts';

/** How many records are searched for what a run collected. All but those of an earlier version say it. */
const SEARCHED_RECORDS = 10;

/** Maximum subjects whose records are read concurrently. */
const CONCURRENT_SUBJECTS = 10;

/**
 * Finds subjects that a dataset has collected and that neither the registry nor a list has: the cursor table was restored to a
 * state from before their first tick, and they have left Atlas since. What was not read of them must still become a gap.
 *
 * @returns also the ids of which the records do not say whether they are projects or organisations
 */
export async function findUnregistered(
  { name: dataset, subjects: kinds = ['project'] }: DatasetDeclaration,
  { known, listings }: { known: readonly KnownSubject[]; listings: readonly CredentialListing[] },
  log: CommitLog,
): Promise<{ unregistered: UnregisteredSubject[]; ofUnknownKind: SubjectId[] }> {
  const remembered = new Set<SubjectId>(known.map(({ subject }) => subject.id));
  for (const { id, organisation } of listings.flatMap(({ listed }) => listed?.items ?? [])) {
    remembered.add(id);
    if (organisation !== null) remembered.add(organisation);
  }
  const ids = (await log.recordedIds(dataset)).filter(isProjectId).filter((id) => !remembered.has(id));
  const [only, ...others] = kinds;
  const unregistered: UnregisteredSubject[] = [];
  const ofUnknownKind: SubjectId[] = [];
  await pLimit(CONCURRENT_SUBJECTS).map(ids, async (id) => {
    const records = await log.firstRecords({ dataset, subject: id }, SEARCHED_RECORDS);
    const said = records.map(({ statistics }) => collectedBy(statistics)).find((one) => one !== null);
    const kind = said?.unit ?? (others.length === 0 ? only : undefined);
    const subject = kind && subjectOf(kind, id);
    if (subject) unregistered.push({ subject, credential: said?.credential });
    else ofUnknownKind.push(id);
  });
  return { unregistered, ofUnknownKind };
}
