import type { PlainValue } from '../duckdb/plain-value.ts';
import { nameOf, type SubjectNames } from '../subject-names.ts';
import { onlyCluster } from './filter.ts';
import { number, type Part, type Query, type Row, type Section } from './section.ts';

/** Clusters that exist now. Those with older data follow from the data. */
const CLUSTERS = `SELECT name AS cluster_name, project_id,
  coalesce(json_extract_scalar(document, '$.replicationSpecs[0].regionConfigs[0].electableSpecs.instanceSize'), json_extract_scalar(document, '$.providerSettings.providerName')) AS size,
  json_extract_scalar(document, '$.clusterType') AS topology,
  json_extract_scalar(document, '$.mongoDBVersion') AS version
FROM current_inventory
WHERE resource_type IN ('cluster', 'flex_cluster', 'serverless_instance') AND name IS NOT NULL
ORDER BY project_id, name`;

/** A page with more would open slowly. The list has all clusters. */
const MOST_PAGES = 50;

interface ClusterName {
  project: string;
  name: string;
}

interface Cluster extends ClusterName {
  /** The id of its page. */
  id: string;
  /** Its row of the inventory; undefined if it has none. */
  facts: Row | undefined;
  /** The parts of other sections, with its rows only. */
  parts: Part[];
}

/** Returns a section that compares the clusters, and a page for each of them, from the parts of other sections. */
export async function clusters(
  query: Query,
  sections: readonly Section[],
  names: SubjectNames,
): Promise<{ list: Section; pages: Section[] }> {
  const all = clustersOf(await query(CLUSTERS), sections, names);
  const paged = all.filter(({ parts }) => parts.length > 0).slice(0, MOST_PAGES);
  return { list: listOf(all, paged), pages: paged.map((cluster) => pageOf(cluster, names)) };
}

function clustersOf(inventory: readonly Row[], sections: readonly Section[], names: SubjectNames): Cluster[] {
  const shared = sections.flatMap(({ parts }) => parts.filter(({ ofCluster }) => ofCluster !== undefined));
  const facts = new Map(inventory.map((row) => [keyOf(row), row]));
  const groups = shared.map((part) => Map.groupBy(part.rows, keyOf));
  // One row of each cluster names it.
  const known = new Map(
    [...inventory, ...shared.flatMap(({ rows }) => rows)].flatMap((row): Array<[string, ClusterName]> => {
      const { project_id: project, cluster_name: name } = row;
      return typeof project === 'string' && typeof name === 'string' ? [[keyOf(row), { project, name }]] : [];
    }),
  );
  return [...known]
    .sort(
      ([, a], [, b]) =>
        inOrder(nameOf(names, a.project), nameOf(names, b.project)) || inOrder(a.name, b.name),
    )
    .map(([key, cluster], index) => {
      const id = `cluster-${index + 1}`;
      const parts = shared.flatMap((part, place) => {
        const own = groups[place]?.get(key) ?? [];
        return own.length === 0 ? [] : [partOf(part, own, { id, ...cluster })];
      });
      return { id, ...cluster, facts: facts.get(key), parts };
    });
}

function inOrder(a: string, b: string): number {
  return a.localeCompare(b, 'en');
}

function keyOf(row: Row): string {
  return JSON.stringify([row['project_id'], row['cluster_name']]);
}

/** Returns a part with the rows of one cluster, without the columns that are the same in each. */
function partOf(
  part: Part,
  rows: Row[],
  { id, project, name }: Pick<Cluster, 'id' | 'project' | 'name'>,
): Part {
  const { chart: _, ofCluster, ...rest } = part;
  const chart = ofCluster?.chart?.(rows);
  return {
    ...rest,
    id: `${id}-${part.id}`,
    columns: part.columns.filter((column) => !['project_id', 'cluster_name'].includes(column.name)),
    rows,
    sql: ofCluster?.sql(onlyCluster(project, name)) ?? null,
    ...(chart && { chart }),
  };
}

function listOf(all: readonly Cluster[], paged: readonly Cluster[]): Section {
  const pages = new Set(paged.map(({ id }) => id));
  return {
    id: 'clusters',
    title: 'Clusters',
    intro: `Names link to the pages of clusters at the end of this report${paged.length === MOST_PAGES ? `, of which there are at most ${MOST_PAGES}` : ''}.`,
    parts: [
      {
        id: 'cluster-list',
        title: 'All clusters',
        sql: null,
        columns: [
          {
            name: 'cluster_name',
            heading: 'Cluster',
            unit: 'text',
            link: ({ id }) => (typeof id === 'string' && pages.has(id) ? id : null),
          },
          { name: 'project_id', heading: 'Project', unit: 'subject' },
          { name: 'size', heading: 'Size', unit: 'text' },
          { name: 'version', heading: 'Version', unit: 'text' },
          { name: 'used_percent', heading: 'Fullest disk', unit: 'percent' },
          { name: 'days_until_full', heading: 'A disk is full in', unit: 'forecast' },
          { name: 'max_cpu_user_percent', heading: 'Busiest hour', unit: 'percent' },
          { name: 'open_alerts', heading: 'Open alerts', unit: 'count' },
          { name: 'gaps', heading: 'Gaps', unit: 'count' },
          { name: 'backup', heading: 'Backup', unit: 'text' },
          { name: 'amount', heading: 'Cost of the month', unit: 'dollars' },
        ],
        rows: all.map(summaryOf),
        empty: 'No clusters were collected.',
      },
    ],
  };
}

function summaryOf({ id, project, name, facts, parts }: Cluster): Row {
  const rowsOf = (part: string) => parts.find((one) => one.id === `${id}-${part}`)?.rows ?? [];
  const values = (part: string, column: string) => rowsOf(part).flatMap((row) => number(row, column) ?? []);
  const greatest = (all: number[]): PlainValue => (all.length === 0 ? null : Math.max(...all));
  const fillsIn = values('fullest-disks', 'days_until_full');
  const amounts = values('costs-by-cluster', 'amount');
  return {
    id,
    cluster_name: name,
    project_id: project,
    size: facts?.['size'] ?? null,
    version: facts?.['version'] ?? null,
    used_percent: greatest(values('fullest-disks', 'used_percent')),
    days_until_full: fillsIn.length === 0 ? null : Math.min(...fillsIn),
    max_cpu_user_percent: greatest(values('process-health', 'max_cpu_user_percent')),
    open_alerts: rowsOf('alert-timeline').filter((row) => row['closed'] === null).length,
    gaps: rowsOf('gaps').length,
    backup: rowsOf('backups')[0]?.['state'] ?? null,
    amount: amounts.length === 0 ? null : amounts.reduce((sum, amount) => sum + amount, 0),
  };
}

function pageOf({ id, project, name, facts, parts }: Cluster, names: SubjectNames): Section {
  const { size, topology, version } = facts ?? {};
  const known = [size, topology, version && `MongoDB ${version}`].filter(Boolean).join(', ');
  const what = facts === undefined ? ' Not in the inventory.' : known === '' ? '' : ` ${known}.`;
  return { id, title: `Cluster ${name}`, intro: `Project ${nameOf(names, project)}.${what}`, parts };
}
