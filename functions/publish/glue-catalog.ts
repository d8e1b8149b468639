import { type GlueClient, type Table as GlueTable, paginateGetTables } from '@aws-sdk/client-glue';
import type { CatalogTable } from '../../shared/publication/catalog-state.ts';

/** The Glue database of the Iceberg tables. */
export class GlueCatalog {
  readonly #glue: GlueClient;
  readonly #database: string;
  readonly #bucket: string;

  constructor(glue: GlueClient, database: string, bucket: string) {
    this.#glue = glue;
    this.#database = database;
    this.#bucket = bucket;
  }

  /** Returns all tables and views of the database, by name. */
  async tables(): Promise<Map<string, CatalogTable>> {
    const found = new Map<string, CatalogTable>();
    const pages = paginateGetTables({ client: this.#glue }, { DatabaseName: this.#database });
    for await (const { TableList = [] } of pages) {
      for (const table of TableList) {
        const name = table.Name ?? '';
        const columns = (table.StorageDescriptor?.Columns ?? []).map((column) => column.Name ?? '');
        const created = table.CreateTime?.getTime() ?? 0;
        found.set(name, { name, kind: this.#kindOf(table), columns, created });
      }
    }
    return found;
  }

  #kindOf({ Name, Parameters, StorageDescriptor }: GlueTable): CatalogTable['kind'] {
    if (Parameters?.['table_type']?.toUpperCase() === 'ICEBERG') return 'iceberg';
    const location = `s3://${this.#bucket}/${Name}`;
    return StorageDescriptor?.Location?.replace(/\/$/, '') === location ? 'landing' : 'other';
  }
}
