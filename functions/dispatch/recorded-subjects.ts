import pLimit from 'p-limit';
import type { KnownSubject } from '../../shared/cursors/subject-registry.ts';
import type { DatasetDeclaration } from '../../shared/engine/declaration.ts';
import { collectedBy, type RunStatistics } from '../../shared/engine/run-statistics.ts';
import { isProjectId, type SubjectId, subjectOf } from '../../shared/ids.ts';
import type { CommitLog } from '../../shared/lake/commit-log.ts';
import type { Log } from '../../shared/worker/runtime.ts';
import type { CredentialListing, TickScope, UnregisteredSubject } from './plan.ts';

/** How many of the newest records of a subject are searched for what a run collected. Most are found in the first. */
const SEARCHED_RECORDS = 20;

/** Maximum subjects whose records one tick reads. They take some seconds. Later ticks read those of the others. */
const SUBJECTS_PER_TICK = 100;

const CONCURRENT_SUBJECTS = 10;

/** The subjects that the commit records of datasets show. */
export class RecordedSubjects {
  /** Those whose records do not say what was collected. They are not read again, so that each tick reads others. */
  readonly #silent = new Set<string>();

  /**
   * Finds subjects that a dataset has collected and that neither the registry nor a list has: the cursor table was restored to a
   * state from before their first tick, and they have left Atlas since. What was not read of them must still become a gap.
   *
   * A record that cannot be read must not stop the tick of all other subjects. Its subject has no known credential, and the next
   * tick reads it again, because S3 may have failed.
   */
  async unregistered(
    { name: dataset, subjects: kinds = ['project'] }: DatasetDeclaration,
    {
      known,
      listings,
      config: { excludeProjects },
    }: Pick<TickScope, 'config'> & {
      known: readonly KnownSubject[];
      listings: readonly CredentialListing[];
    },
    { records, log }: { records: CommitLog; log: Pick<Log, 'warn'> },
  ): Promise<UnregisteredSubject[]> {
    const remembered = new Set<string>(known.map(({ subject }) => subject.id));
    for (const id of excludeProjects) remembered.add(id);
    for (const { id, organisation } of listings.flatMap(({ listed }) => listed?.items ?? [])) {
      remembered.add(id);
      if (organisation !== null) remembered.add(organisation);
    }
    const ids = (await records.recordedIds(dataset)).filter(isProjectId).filter((id) => !remembered.has(id));
    const isSilent = (id: SubjectId) => this.#silent.has(`${dataset}/${id}`);
    const [kind = 'project'] = kinds;
    const unknown = (id: SubjectId) => {
      const subject = subjectOf(kind, id);
      return subject ? [{ subject, credential: undefined }] : [];
    };
    const read = ids.filter((id) => !isSilent(id)).slice(0, SUBJECTS_PER_TICK);
    const found = await pLimit(CONCURRENT_SUBJECTS).map(read, async (id): Promise<UnregisteredSubject[]> => {
      try {
        const collected = await collectedOf(records, dataset, id);
        const subject = collected && subjectOf(collected.unit, id);
        if (subject) return [{ subject, credential: collected.credential }];
        this.#silent.add(`${dataset}/${id}`);
      } catch (error) {
        const reason = error instanceof Error ? error.name : String(error);
        log.warn('commit records of a project or organisation cannot be read', { dataset, id, reason });
      }
      return unknown(id);
    });
    return [...found.flat(), ...ids.filter((id) => !read.includes(id) && isSilent(id)).flatMap(unknown)];
  }
}

async function collectedOf(
  log: CommitLog,
  dataset: string,
  subject: SubjectId,
): Promise<RunStatistics['collected']> {
  for await (const { statistics } of log.newestRecords({ dataset, subject }, SEARCHED_RECORDS)) {
    const collected = collectedBy(statistics);
    if (collected !== null) return collected;
  }
  return null;
}
