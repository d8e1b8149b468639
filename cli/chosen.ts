import { datasets } from '../functions/datasets.ts';
import type { CollectorConfig } from '../shared/config.ts';
import type { Dataset } from '../shared/engine/dataset.ts';
import { lakeTables } from '../shared/engine/tables.ts';
import { isProjectId, type ProjectId } from '../shared/ids.ts';
import { needsKey } from '../shared/lake/redaction.ts';
import { redactionKey } from './atlas-environment.ts';
import { UsageFailure } from './failure.ts';

/** Returns the dataset with a name. @throws {UsageFailure} */
export function datasetNamed(name: string): Dataset {
  const dataset = datasets.find((candidate) => candidate.name === name);
  if (dataset) return dataset;
  const known = datasets.map((candidate) => candidate.name).join(', ');
  throw new UsageFailure(`unknown dataset ${JSON.stringify(name)}: choose from ${known}`);
}

/** Returns the ids of projects that options name. @throws {UsageFailure} */
export function projectIds(ids: readonly string[]): ProjectId[] {
  const wrong = ids.find((id) => !isProjectId(id));
  if (wrong === undefined) return ids.filter(isProjectId);
  throw new UsageFailure(
    `${JSON.stringify(wrong)} is not a project id: use the 24 hexadecimal digits from the project's settings in Atlas`,
  );
}

/** @throws {UsageFailure} when the configuration needs keyed hashes and there is no key */
export function checkedRedactionKey({ redact }: CollectorConfig): string | null {
  const key = redactionKey(process.env);
  if (key !== null || !needsKey(redact, lakeTables(datasets))) return key;
  throw new UsageFailure(
    'the configuration redacts values with a keyed hash: set ATLAS_LAKE_REDACTION_KEY to a secret',
  );
}
