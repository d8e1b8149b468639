import type { ColumnType, Table } from '../../shared/lake/table.ts';

/** A column in Glue. Hive and the lake use the same type names. */
interface GlueColumn {
  name: string;
  type: ColumnType;
}

/** The Parquet storage format, with the property names of Glue's API. */
export const PARQUET_FORMAT = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

export function glueColumns({ columns }: Pick<Table, 'columns'>): GlueColumn[] {
  return columns.map(({ name, type }) => ({ name, type }));
}
