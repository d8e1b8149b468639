import { Stack } from 'aws-cdk-lib';
import { CfnNamedQuery } from 'aws-cdk-lib/aws-athena';
import { CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import type { Column } from '../../shared/lake/table.ts';
import { athena, virtualView } from '../../sql/athena.ts';
import { viewSql } from '../../sql/view.ts';
import { views } from '../../sql/views.ts';
import { glueColumns } from './storage.ts';

export interface LakeViewsProps {
  /** The Glue database of the lake's tables. */
  database: string;
  workGroup: string;
}

/**
 * The views in Athena, created directly in Glue: no query has to run to create them. Each view also has a named query,
 * which users can open and change in Athena's console.
 */
export class LakeViews extends Construct {
  constructor(scope: Construct, id: string, { database, workGroup }: LakeViewsProps) {
    super(scope, id);
    for (const view of views) {
      const sql = viewSql(view, athena);
      this.#view(database, { ...view, sql });
      new CfnNamedQuery(this, `${view.name}-query`, {
        database,
        workGroup,
        name: view.name,
        description: view.description,
        queryString: sql,
      });
    }
  }

  #view(database: string, view: { name: string; columns: readonly Column[]; sql: string }): void {
    new CfnTable(this, view.name, {
      catalogId: Stack.of(this).account,
      databaseName: database,
      tableInput: {
        name: view.name,
        tableType: 'VIRTUAL_VIEW',
        // Open-source Trino knows views by this comment. A description would replace it.
        parameters: { presto_view: 'true', comment: 'Presto View' },
        partitionKeys: [],
        storageDescriptor: { columns: glueColumns(view), location: '', serdeInfo: {} },
        ...virtualView(view, view.sql, database),
      },
    });
  }
}
