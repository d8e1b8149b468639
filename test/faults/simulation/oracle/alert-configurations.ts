import {
  type AlertConfiguration,
  configurationDocument,
  existsAt,
} from '../../../../simulator/alerts/configurations.ts';
import type { CommittedRead } from './alerts.ts';
import { formatInstant } from './instants.ts';
import { type CommittedRow, checkRevisions } from './lake.ts';

/** Checks that the rows of a configuration report when it appeared, changed and disappeared, as runs could see it. */
export function checkConfiguration(
  configuration: AlertConfiguration,
  projectId: string,
  reads: readonly CommittedRead[],
  unordered: readonly CommittedRow[],
): string[] {
  const rows = [...unordered].sort((a, b) => a.sequence - b.sequence);
  const violations: string[] = [];
  const changes = rows.map(({ values }) => String(values['change'])).join(' ');
  if (!/^(added( changed)*( removed)?)?$/.test(changes))
    violations.push(`an impossible sequence of changes: ${changes}`);
  violations.push(...checkRevisions(rows));
  const documentAt = (at: number) =>
    existsAt(configuration, at) ? configurationDocument(configuration, projectId, at) : null;
  for (const { values, sequence } of rows) {
    const seen = reads.find((read) => read.sequence === sequence);
    const shown = seen ? instants(configuration, seen).map(documentAt) : [];
    if (!shown.some((document) => (document && JSON.stringify(document)) === values['document']))
      violations.push(`a row that Atlas did not show: ${JSON.stringify(values)}`);
  }
  for (const seen of reads.filter(({ readEverything }) => readEverything)) {
    const contents = new Set(instants(configuration, seen).map((at) => contentOf(documentAt(at))));
    const [content] = contents;
    const last = rows.findLast(({ sequence }) => sequence <= seen.sequence);
    const reported = last ? contentOf(JSON.parse(String(last.values['document']))) : null;
    if (contents.size === 1 && content !== reported)
      violations.push(`${content} at ${formatInstant(seen.from)}, but the last row has ${reported}`);
  }
  return violations.map((violation) => `configuration ${configuration.id}: ${violation}`);
}

/** Returns instants of a span. The configuration does not change between two of them. */
function instants(
  { created, deleted, changes = [] }: AlertConfiguration,
  { from, to }: CommittedRead,
): number[] {
  const all = [
    from,
    created,
    ...(deleted === undefined ? [] : [deleted]),
    ...changes.map(({ at }) => at),
    to,
  ];
  return all.filter((at) => at >= from && at <= to);
}

/** Returns a document without `updated`, which also changes for other reasons. */
function contentOf(document: Record<string, unknown> | null): string | null {
  return document && JSON.stringify({ ...document, updated: null });
}
