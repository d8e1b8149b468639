import { untrustedText } from '../shared/atlas/untrusted-text.ts';
import { HOUR } from '../shared/durations.ts';
import { clusterOf, storedVerdict } from '../shared/engine/cluster-selection.ts';
import type { Cursor } from '../shared/engine/cursor.ts';

/** What the last run of a dataset and project knew of its clusters. */
export interface ClusterFacts {
  selected: readonly string[];
  deselected: readonly string[];
  /** Number of listed processes and hosts that are not read, because their cluster or its tags are unknown. */
  unknown: number;
}

export const NO_CLUSTERS: ClusterFacts = { selected: [], deselected: [], unknown: 0 };

/** A list of targets is an hour old at most. What was listed longer before the last run has left. */
const LISTED = 2 * HOUR;

/** Returns the clusters of the sources that were listed at the time of the last run. */
export function clusterFacts(cursors: readonly Cursor<unknown>[], lastRun: number): ClusterFacts {
  const listed = cursors.filter(({ listingAt }) => listingAt !== null && lastRun - listingAt < LISTED);
  const of = (verdict: string) => listed.filter((cursor) => storedVerdict(cursor) === verdict);
  const names = (verdict: string) => [...new Set(of(verdict).flatMap((cursor) => clusterOf(cursor) ?? []))];
  return { selected: names('selected'), deselected: names('deselected'), unknown: of('unknown').length };
}

/** Clusters of several datasets and projects, each with what the latest run decided. */
export interface ClusterSummary {
  /** Names of clusters, of all projects. Clusters of one name in two projects are there twice. */
  selected: string[];
  deselected: string[];
  unknown: number;
}

interface OfDataset {
  subject: string;
  /** When the last run started, ms; null if none has ended. */
  lastRun: number | null;
  clusters: ClusterFacts;
}

/** Adds up what the datasets know. */
export function summarised(all: readonly OfDataset[]): ClusterSummary {
  const isSelected = new Map<string, boolean>();
  for (const { subject, clusters } of all.toSorted((a, b) => (a.lastRun ?? 0) - (b.lastRun ?? 0))) {
    for (const name of clusters.selected) isSelected.set(`${subject}/${name}`, true);
    for (const name of clusters.deselected) isSelected.set(`${subject}/${name}`, false);
  }
  const names = (wanted: boolean) =>
    [...isSelected].flatMap(([key, its]) => (its === wanted ? [key.slice(key.indexOf('/') + 1)] : [])).sort();
  return {
    selected: names(true),
    deselected: names(false),
    unknown: Math.max(0, ...all.map(({ clusters }) => clusters.unknown)),
  };
}

/** What a selection of clusters does not restrict (docs/configuration.md). */
const ALWAYS = 'alerts, events, inventory and costs';

/** How many names a line shows. `--json` has all. */
const SHOWN = 5;

/** Returns one line for each thing that is left out, and one if nothing is selected at all. */
export function leftOut({ selected, deselected, unknown }: ClusterSummary): string[] {
  const lines: string[] = [];
  if (selected.length === 0 && deselected.length > 0) lines.push(nothingSelected(deselected.length));
  else if (deselected.length > 0) {
    const more = deselected.length > SHOWN ? ` and ${deselected.length - SHOWN} more` : '';
    const shown = deselected
      .slice(0, SHOWN)
      .map((name) => untrustedText(name))
      .join(', ');
    lines.push(
      `${notSelected(deselected.length)} by the configuration, only their ${ALWAYS} are collected: ${shown}${more}`,
    );
  }
  if (unknown > 0)
    lines.push(
      `${unknown} ${unknown === 1 ? 'process or host is' : 'processes or hosts are'} not collected, because their clusters or tags are unknown; see collection_runs.notes`,
    );
  return lines;
}

/** Returns `3 clusters are not selected`. */
export function notSelected(count: number): string {
  return count === 1 ? '1 cluster is not selected' : `${count} clusters are not selected`;
}

/** Returns what is wrong if the configuration selects no cluster of any project. */
export function nothingSelected(count: number): string {
  const none = count === 1 ? 'not the only cluster' : `none of the ${count} clusters`;
  return `the configuration selects ${none} that Atlas lists, only their ${ALWAYS} are collected; correct "clusters" in the configuration`;
}
