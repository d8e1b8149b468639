import type { ColumnType, Table } from '../../shared/lake/table.ts';

/** Hive's names of the types are the lake's own. */
interface GlueColumn {
  name: string;
  type: ColumnType;
}

/** How Glue is told of Parquet files, in the words of its API. */
export const PARQUET_FORMAT = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

export function glueColumns({ columns }: Pick<Table, 'columns'>): GlueColumn[] {
  return columns.map(({ name, type }) => ({ name, type }));
}
