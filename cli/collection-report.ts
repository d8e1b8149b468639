import path from 'node:path';
import type { FailedCredential } from '../functions/dispatch/list-projects.ts';
import type { UnlistedSubject, UnregisteredSubject } from '../functions/dispatch/plan.ts';
import { untrustedText } from '../shared/atlas/untrusted-text.ts';
import { type CredentialName, credentialField } from '../shared/credential-name.ts';
import { NewerStateError } from '../shared/cursors/versions.ts';
import { isRefusal } from '../shared/engine/errors.ts';
import type { ProjectId, SubjectId } from '../shared/ids.ts';
import { oneLine } from '../shared/one-line.ts';
import { type ClusterSummary, leftOut, summarised } from './cluster-verdicts.ts';
import { EXIT } from './failure.ts';
import { printJson } from './json-output.ts';
import type { RunSummaries } from './run-summary.ts';
import { nameAndId, type SubjectNames } from './subject-names.ts';
import { nameOfCredential } from './words.ts';

/** What could not be dispatched, by kind of message to the user. */
export interface Missing {
  unreadable: Set<ProjectId>;
  unlisted: Map<SubjectId, UnlistedSubject>;
  orphaned: Map<SubjectId, UnregisteredSubject>;
  failed: Map<CredentialName, FailedCredential>;
  /** Number of items of the list of projects that cannot be read. */
  unreadableItems: number;
}

export function cannotRead(projects: Iterable<ProjectId>): string {
  return `the credentials cannot read project ${[...projects].join(', ')}: check the id and the access of the service account or API key`;
}

/** Returns the line about a credential that could not list its projects while others could. */
export function failedCredential({ credential, error }: FailedCredential): string {
  const advice = isRefusal(error) ? 'check its entry among the credentials' : 'run collect again';
  return `${nameOfCredential(credential)} could not list its projects: ${oneLine(error.message)}; ${advice}`;
}

/** What the runs of one tick did. */
interface Collection {
  folder: string;
  tick: number;
  missing: Missing;
  summaries: RunSummaries;
  names: SubjectNames;
  crashes: readonly unknown[];
}

/** Writes the summary to stdout and the messages to stderr. Returns the exit status. */
export function reportCollection(
  options: { json: boolean; quiet: boolean; verbose: boolean },
  { folder, tick, missing, summaries, names, crashes }: Collection,
): number {
  const isAllThere =
    missing.unreadable.size === 0 &&
    missing.unlisted.size === 0 &&
    missing.orphaned.size === 0 &&
    missing.failed.size === 0 &&
    missing.unreadableItems === 0;
  const complete = summaries.complete && crashes.length === 0 && isAllThere;
  if (options.json) {
    const summary = {
      tick: new Date(tick).toISOString(),
      lake: folder,
      complete,
      runs: summaries.list(),
      unreadable: [...missing.unreadable],
      unlisted: [...missing.unlisted.values()].map(({ subject, since }) => ({
        unit: subject.kind,
        id: subject.id,
        since: new Date(since).toISOString(),
      })),
      orphaned: [...missing.orphaned.values()].map(({ subject, credential = null }) => ({
        unit: subject.kind,
        id: subject.id,
        ...credentialField(credential),
      })),
      failedCredentials: [...missing.failed.values()].map(({ credential, error }) => ({
        credential,
        error: oneLine(error.message),
      })),
    };
    printJson(summary);
  }
  if (missing.unreadable.size > 0) process.stderr.write(`${cannotRead(missing.unreadable)}\n`);
  for (const { subject, since } of missing.unlisted.values()) {
    process.stderr.write(
      `Atlas has not listed ${subject.kind} ${subject.id} since ${new Date(since).toISOString()}: check the access of the service account or API key; if it was deleted, add it to excludeProjects\n`,
    );
  }
  for (const failed of missing.failed.values()) process.stderr.write(`${failedCredential(failed)}\n`);
  for (const { subject, credential } of missing.orphaned.values()) {
    const why =
      credential === undefined
        ? 'its commit records do not say which credential listed it: give one access again'
        : `${nameOfCredential(credential)}, which listed it, is no longer there: put it back`;
    process.stderr.write(
      `no list that can be read has ${subject.kind} ${subject.id}, and ${why}, or add the id to excludeProjects\n`,
    );
  }
  for (const { dataset, project, failures } of summaries.list()) {
    for (const { target, error } of failures) {
      process.stderr.write(
        `${dataset} of ${nameAndId(names, project)}: ${untrustedText(target)}: ${error}\n`,
      );
    }
  }
  for (const { dataset, project, unreadableItems } of summaries.list()) {
    if (unreadableItems === 0) continue;
    process.stderr.write(
      `${dataset} of ${nameAndId(names, project)}: ${unreadableItems} items of Atlas's lists cannot be read; see the log\n`,
    );
  }
  if (missing.unreadableItems > 0) {
    process.stderr.write(
      `the list of projects: ${missing.unreadableItems} items cannot be read; see the log\n`,
    );
  }
  for (const { dataset, project, remaining } of summaries.list()) {
    if (remaining === 0) continue;
    process.stderr.write(
      `${dataset} of ${nameAndId(names, project)}: ${remaining === 1 ? '1 target is' : `${remaining} targets are`} behind; run collect again to continue\n`,
    );
  }
  const clusters = clustersOf(summaries);
  const isMistake = clusters.selected.length === 0;
  if (isMistake || !(options.json || options.quiet))
    for (const line of leftOut(clusters)) process.stderr.write(`${line}\n`);
  for (const crash of crashes) {
    if (crash instanceof NewerStateError) {
      process.stderr.write(`${crash.message}\n`);
      continue;
    }
    const where = options.verbose ? 'above' : path.join(folder, '.log');
    process.stderr.write(
      `a run crashed: ${oneLine(String(crash instanceof Error ? crash.message : crash))}; see the log ${where}\n`,
    );
  }
  return complete ? EXIT.done : EXIT.incomplete;
}

function clustersOf(summaries: RunSummaries): ClusterSummary {
  const all = summaries.list().map(({ project, clusters }) => ({
    subject: project,
    lastRun: null,
    clusters: { ...clusters, unknown: 0 },
  }));
  return summarised(all);
}
