import { App, Aws, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnDashboard, CfnDataSet, CfnDataSource } from 'aws-cdk-lib/aws-quicksight';
import * as z from 'zod';
import type { Column } from '../shared/lake/table.ts';
import type { View } from '../sql/view.ts';
import { alertIncidents } from '../sql/views/alert-incidents.ts';
import { databaseGrowthDaily } from '../sql/views/database-growth.ts';
import { datasetFreshness } from '../sql/views/dataset-freshness.ts';
import { diskForecast } from '../sql/views/disk-forecast.ts';
import { failedLogins } from '../sql/views/failed-logins.ts';
import { hottestNamespaces } from '../sql/views/hottest-namespaces.ts';
import { processHealth } from '../sql/views/process-health.ts';

/** A sheet of the dashboard: a table of a view, and a chart of one of its numeric columns. */
interface Sheet {
  view: View;
  title: string;
  chart: { kind: 'bar' | 'line'; category: string; value: string; colour?: string; title: string };
}

const sheets: readonly Sheet[] = [
  {
    view: datasetFreshness,
    title: 'Freshness',
    chart: { kind: 'line', category: 'dt', value: 'rows', colour: 'dataset', title: 'Rows written by day' },
  },
  {
    view: processHealth,
    title: 'Processes',
    chart: {
      kind: 'bar',
      category: 'process_id',
      value: 'max_cpu_user_percent',
      title: 'Greatest processor time in user mode, percent of all cores',
    },
  },
  {
    view: diskForecast,
    title: 'Disks',
    chart: { kind: 'bar', category: 'process_id', value: 'used_percent', title: 'Used space, percent' },
  },
  {
    view: databaseGrowthDaily,
    title: 'Databases',
    chart: {
      kind: 'line',
      category: 'dt',
      value: 'data_bytes',
      colour: 'database_name',
      title: 'Data size',
    },
  },
  {
    view: hottestNamespaces,
    title: 'Hot namespaces',
    chart: { kind: 'bar', category: 'namespace', value: 'heat', title: 'Heat' },
  },
  {
    view: failedLogins,
    title: 'Logins',
    chart: {
      kind: 'line',
      category: 'dt',
      value: 'attempts',
      colour: 'username',
      title: 'Failed logins by day',
    },
  },
  {
    view: alertIncidents,
    title: 'Alerts',
    chart: {
      kind: 'bar',
      category: 'event_type_name',
      value: 'seconds_to_resolve',
      title: 'Seconds to resolve',
    },
  },
];

const templateSchema = z.looseObject({
  Parameters: z.record(z.string(), z.unknown()),
  Rules: z.unknown(),
});

/** QuickSight's names for the column types. */
const TYPES: Readonly<Record<Column['type'], string>> = {
  string: 'STRING',
  double: 'DECIMAL',
  int: 'INTEGER',
  bigint: 'INTEGER',
  boolean: 'BOOLEAN',
  timestamp: 'DATETIME',
};

const READ_SOURCE = [
  'quicksight:DescribeDataSource',
  'quicksight:DescribeDataSourcePermissions',
  'quicksight:PassDataSource',
];

const READ_SET = [
  'quicksight:DescribeDataSet',
  'quicksight:DescribeDataSetPermissions',
  'quicksight:PassDataSet',
  'quicksight:DescribeIngestion',
  'quicksight:ListIngestions',
];

const READ_DASHBOARD = [
  'quicksight:DescribeDashboard',
  'quicksight:ListDashboardVersions',
  'quicksight:QueryDashboard',
];

/**
 * Returns a CloudFormation template for QuickSight: a data source, a data set for each view, and a dashboard with a
 * sheet for each view. Account-specific values are parameters.
 */
export function quickSightTemplate(): object {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'AtlasLakeQuickSight', {
    description: 'The MongoDB Atlas lake in QuickSight: a data source, data sets and a dashboard.',
  });
  const parameter = (name: string, description: string, byDefault?: string) =>
    new CfnParameter(stack, name, { description, ...(byDefault !== undefined && { default: byDefault }) })
      .valueAsString;
  const database = parameter('Database', "The lake's Glue database.", 'atlas_lake');
  const workGroup = parameter(
    'WorkGroup',
    'The Athena workgroup: the output WorkGroup of the stack AtlasLakeStore.',
  );
  const principal = parameter(
    'Principal',
    'ARN of the QuickSight user or group that may view the dashboard.',
  );

  const source = new CfnDataSource(stack, 'Athena', {
    awsAccountId: Aws.ACCOUNT_ID,
    dataSourceId: 'atlas-lake',
    name: 'Atlas lake',
    type: 'ATHENA',
    dataSourceParameters: { athenaParameters: { workGroup } },
    permissions: [{ principal, actions: READ_SOURCE }],
  });
  const sets = sheets.map(
    ({ view }) =>
      new CfnDataSet(stack, view.name.replaceAll('_', ''), {
        awsAccountId: Aws.ACCOUNT_ID,
        dataSetId: `atlas-lake-${view.name}`,
        name: view.name,
        importMode: 'DIRECT_QUERY',
        physicalTableMap: {
          view: {
            relationalTable: {
              dataSourceArn: source.attrArn,
              catalog: 'AwsDataCatalog',
              schema: database,
              name: view.name,
              inputColumns: view.columns.map(({ name, type }) => ({ name, type: TYPES[type] })),
            },
          },
        },
        permissions: [{ principal, actions: READ_SET }],
      }),
  );
  new CfnDashboard(stack, 'Dashboard', {
    awsAccountId: Aws.ACCOUNT_ID,
    dashboardId: 'atlas-lake',
    name: 'MongoDB Atlas lake',
    permissions: [{ principal, actions: READ_DASHBOARD }],
    definition: {
      dataSetIdentifierDeclarations: sheets.map(({ view }, index) => ({
        identifier: view.name,
        dataSetArn: sets[index]?.attrArn ?? '',
      })),
      sheets: sheets.map(sheetDefinition),
    },
  });
  // The template is deployed without CDK, so it must not require CDK's bootstrap stack.
  const {
    Rules: _,
    Parameters,
    ...template
  } = templateSchema.parse(app.synth().getStackArtifact(stack.artifactId).template);
  const { BootstrapVersion: __, ...parameters } = Parameters;
  return { Parameters: parameters, ...template };
}

function sheetDefinition({ view, title, chart }: Sheet): CfnDashboard.SheetDefinitionProperty {
  const id = view.name.replaceAll('_', '-');
  return {
    sheetId: id,
    name: title,
    visuals: [chartVisual(`${id}-chart`, view, chart), tableVisual(`${id}-table`, view)],
  };
}

function chartVisual(visualId: string, view: View, chart: Sheet['chart']): CfnDashboard.VisualProperty {
  const { kind, category, value, colour } = chart;
  const wells = {
    category: [dimension(visualId, view, category)],
    values: [
      {
        numericalMeasureField: {
          fieldId: `${visualId}-${value}`,
          column: column(view, value),
          aggregationFunction: { simpleNumericalAggregation: kind === 'bar' ? 'MAX' : 'SUM' },
        },
      },
    ],
    ...(colour !== undefined && { colors: [dimension(visualId, view, colour)] }),
  };
  const title = { visibility: 'VISIBLE', formatText: { plainText: chart.title } };
  if (kind === 'bar') {
    return {
      barChartVisual: {
        visualId,
        title,
        chartConfiguration: {
          orientation: 'HORIZONTAL',
          fieldWells: { barChartAggregatedFieldWells: wells },
        },
      },
    };
  }
  return {
    lineChartVisual: {
      visualId,
      title,
      chartConfiguration: { fieldWells: { lineChartAggregatedFieldWells: wells } },
    },
  };
}

function tableVisual(visualId: string, view: View): CfnDashboard.VisualProperty {
  const values = view.columns.map(({ name }) => ({
    fieldId: `${visualId}-${name}`,
    column: column(view, name),
  }));
  return {
    tableVisual: {
      visualId,
      title: { visibility: 'VISIBLE', formatText: { plainText: view.description } },
      chartConfiguration: { fieldWells: { tableUnaggregatedFieldWells: { values } } },
    },
  };
}

function dimension(visualId: string, view: View, name: string): CfnDashboard.DimensionFieldProperty {
  return { categoricalDimensionField: { fieldId: `${visualId}-${name}`, column: column(view, name) } };
}

function column(view: View, name: string): CfnDashboard.ColumnIdentifierProperty {
  if (!view.columns.some((one) => one.name === name)) throw new Error(`${view.name} has no column ${name}`);
  return { dataSetIdentifier: view.name, columnName: name };
}
