import { createHash } from 'node:crypto';
import type { Column } from '../shared/lake/table.ts';
import { dayColumn } from '../sql/view.ts';
import type { Chart, Source } from './chart.ts';
import { charts } from './charts.ts';
import { chartParameters, columnLabel, DAYS, type Json } from './superset-chart.ts';

/** A file of the bundle. JSON is YAML, which is what Superset reads. */
export interface BundleFile {
  /** Path below the bundle's folder. */
  file: string;
  content: Json;
}

/** The version of Superset's format of exported files. */
const version = '1.0.0';

/** What Superset shows until the connection is changed to that of an account. */
const ADDRESS =
  'awsathena+rest://@athena.us-east-1.amazonaws.com:443/atlas_lake?work_group=<workgroup>&catalog_name=AwsDataCatalog';

const database = { name: 'Atlas lake', file: 'Atlas_lake' };

/** Superset's grid has 12 columns. */
const WIDTHS = { quarter: 3, half: 6, full: 12 } as const;

/** Heights in units of eight pixels. */
const HEIGHTS = { quarter: 20, half: 50, full: 35 } as const;

/** Superset's names of the column types. They are those of Athena and Trino. */
const TYPES: Readonly<Record<Column['type'], string>> = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  int: 'INTEGER',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
};

/**
 * Returns a dashboard with its charts, datasets and database in Superset's format of exported files. Ids derive from names,
 * so that an import of a later version replaces what an earlier one created.
 */
export function supersetBundle(): BundleFile[] {
  const sources = new Map(charts.map(({ source }) => [source.name, source]));
  return [
    {
      file: 'metadata.yaml',
      content: { version, type: 'Dashboard', timestamp: '2026-01-01T00:00:00+00:00' },
    },
    { file: `databases/${database.file}.yaml`, content: databaseFile() },
    ...[...sources.values()].map((source) => ({
      file: `datasets/${database.file}/${source.name}.yaml`,
      content: datasetFile(source),
    })),
    ...charts.map((chart) => ({ file: `charts/${fileName(chart)}.yaml`, content: chartFile(chart) })),
    { file: 'dashboards/Atlas_lake.yaml', content: dashboardFile() },
  ];
}

function databaseFile(): Json {
  return {
    database_name: database.name,
    sqlalchemy_uri: ADDRESS,
    cache_timeout: null,
    expose_in_sqllab: true,
    allow_run_async: false,
    allow_ctas: false,
    allow_cvas: false,
    allow_dml: false,
    allow_csv_upload: false,
    extra: {},
    uuid: uuid('database'),
    version,
  };
}

function datasetFile({ name, description, columns }: Source): Json {
  return {
    table_name: name,
    main_dttm_col: dayColumn.name,
    description,
    // The connection decides, so that the database in Glue can have any name.
    catalog: null,
    schema: null,
    sql: null,
    filter_select_enabled: true,
    uuid: uuid(`dataset/${name}`),
    metrics: [],
    columns: columns.map((column) => ({
      column_name: column.name,
      verbose_name: columnLabel(column),
      description: column.description,
      type: TYPES[column.type],
      is_dttm: column.type === 'timestamp' || column.name === dayColumn.name,
      // With this format, a range of time becomes a condition on texts, which reaches the files.
      python_date_format: column.name === dayColumn.name ? '%Y-%m-%d' : null,
      is_active: true,
      groupby: true,
      filterable: true,
    })),
    version,
    database_uuid: uuid('database'),
  };
}

function chartFile(chart: Chart): Json {
  return {
    slice_name: chart.title,
    description: chart.description,
    ...chartParameters(chart),
    cache_timeout: null,
    uuid: uuid(`chart/${chart.title}`),
    version,
    dataset_uuid: uuid(`dataset/${chart.source.name}`),
  };
}

function dashboardFile(): Json {
  return {
    dashboard_title: 'MongoDB Atlas lake',
    description: 'Disks, databases, logins, alerts, costs and the state of the collection.',
    slug: 'atlas-lake',
    published: true,
    uuid: uuid('dashboard'),
    position: position(),
    metadata: {
      native_filter_configuration: [
        {
          id: 'NATIVE_FILTER-days',
          name: 'Days (UTC)',
          type: 'NATIVE_FILTER',
          filterType: 'filter_time',
          targets: [{}],
          defaultDataMask: { extraFormData: { time_range: DAYS }, filterState: { value: DAYS } },
          controlValues: { enableEmptyFilter: false },
          cascadeParentIds: [],
          scope: {
            rootPath: ['ROOT_ID'],
            excluded: charts.flatMap((chart, index) => (chart.days === 'all' ? [index + 1] : [])),
          },
        },
      ],
      label_colors: { Failed: '#E04355', Successful: '#5AC189' },
      color_scheme: 'supersetColors',
      cross_filters_enabled: false,
      // Each refresh costs queries.
      refresh_frequency: 0,
    },
    version,
  };
}

/** Returns the places of the charts on Superset's grid: rows of charts from left to right. */
function position(): Json {
  const rows: Array<Array<{ chart: Chart; id: number }>> = [];
  let room = 0;
  for (const [index, chart] of charts.entries()) {
    const width = WIDTHS[chart.width];
    if (width > room) {
      rows.push([]);
      room = 12;
    }
    room -= width;
    rows.at(-1)?.push({ chart, id: index + 1 });
  }
  const rowId = (row: number) => `ROW-${row + 1}`;
  return {
    DASHBOARD_VERSION_KEY: 'v2',
    ROOT_ID: { id: 'ROOT_ID', type: 'ROOT', children: ['GRID_ID'] },
    GRID_ID: {
      id: 'GRID_ID',
      type: 'GRID',
      parents: ['ROOT_ID'],
      children: rows.map((_, row) => rowId(row)),
    },
    HEADER_ID: { id: 'HEADER_ID', type: 'HEADER', meta: { text: 'MongoDB Atlas lake' } },
    ...Object.fromEntries(
      rows.flatMap((row, number) => [
        [
          rowId(number),
          {
            id: rowId(number),
            type: 'ROW',
            parents: ['ROOT_ID', 'GRID_ID'],
            children: row.map(({ id }) => `CHART-${id}`),
            meta: { background: 'BACKGROUND_TRANSPARENT' },
          },
        ],
        ...row.map(({ chart, id }) => [
          `CHART-${id}`,
          {
            id: `CHART-${id}`,
            type: 'CHART',
            parents: ['ROOT_ID', 'GRID_ID', rowId(number)],
            children: [],
            meta: {
              chartId: id,
              uuid: uuid(`chart/${chart.title}`),
              sliceName: chart.title,
              width: WIDTHS[chart.width],
              height: HEIGHTS[chart.width],
            },
          },
        ]),
      ]),
    ),
  };
}

const fileName = ({ title }: Chart): string => title.replaceAll(' ', '_');

/** Returns a UUID of version 5 in a namespace of the project: the same one for the same name. */
function uuid(name: string): string {
  const hash = createHash('sha1').update(`atlas-lake/superset/${name}`).digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
