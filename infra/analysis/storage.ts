import type { ColumnType, Table } from '../../shared/lake/table.ts';

/** Hive's names of the types are the lake's own. */
interface GlueColumn {
  name: string;
  type: ColumnType;
}

const FORMAT = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

export function glueColumns({ columns }: Pick<Table, 'columns'>): GlueColumn[] {
  return columns.map(({ name, type }) => ({ name, type }));
}

/** What Glue is told of Parquet files of a table, but for where they are; in the words of Glue's API. */
export function parquetStorage(table: Table) {
  return { ...FORMAT, Columns: glueColumns(table).map(({ name, type }) => ({ Name: name, Type: type })) };
}
