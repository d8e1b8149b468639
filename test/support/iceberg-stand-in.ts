import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { PlainValue } from '../../cli/duckdb/plain-value.ts';
import { queryRows } from '../../cli/duckdb/query.ts';
import { quoted, readNdjsonFiles } from '../../cli/duckdb/table-sql.ts';
import type { Table } from '../../shared/lake/table.ts';
import type { CatalogTable } from '../../shared/publication/catalog-state.ts';
import { slicesPrefix } from '../../shared/publication/slice-store.ts';
import { sqlType } from '../../sql/view.ts';

/** Athena refuses a statement that writes to more partitions. */
const MAX_PARTITIONS = 100;

/** Athena refuses a longer statement, bytes. */
const MAX_STATEMENT = 262_144;

/** Athena's names of types in DDL, and DuckDB's. */
const TYPES = ['string', 'double', 'int', 'bigint', 'boolean', 'timestamp'] as const;

export interface IcebergStandIn {
  /** Runs one of the publication's statements. @throws {Error} with Athena's reason in the message */
  run(statement: string): Promise<void>;
  ask(sql: string): Promise<Array<Record<string, PlainValue>>>;
  catalog: { tables(): Promise<Map<string, CatalogTable>> };
  /** Every statement that was started, in order. */
  statements: string[];
  /** Adds an entry of the catalog that is no Iceberg table. */
  addForeign(table: CatalogTable): void;
  close(): void;
}

/**
 * Simulates Athena's Iceberg tables with DuckDB, as far as the publication uses them. It reads the objects of a slice by
 * its list, like Hive's `SymlinkTextInputFormat`: a missing object is an error, a missing list is an empty table.
 *
 * @param bucket the folder of `s3://lake/`
 * @param tables returns the tables of the deployed version
 */
export async function createIcebergStandIn(
  bucket: string,
  tables: () => readonly Table[],
): Promise<IcebergStandIn> {
  const instance = await DuckDBInstance.create();
  const connection: DuckDBConnection = await instance.connect();
  const ask = (sql: string) => queryRows(connection, sql);
  await ask('CREATE SCHEMA atlas_lake');
  await ask('CREATE SCHEMA atlas_lake_slices');
  const monthly = new Set<string>();
  const foreign = new Map<string, CatalogTable>();
  const statements: string[] = [];
  const created = new Map<string, number>();

  const create = async (statement: string) => {
    const [, name = '', list = '', partition = ''] =
      /^CREATE TABLE `atlas_lake`\.`(\w+)` \((.*)\) PARTITIONED BY \((.*?)\) LOCATION 's3:\/\/lake\/iceberg\/\w+\/' TBLPROPERTIES \('table_type' = 'ICEBERG'/s.exec(
        statement,
      ) ?? [];
    if (name === '') throw new Error(`not a CREATE TABLE that Athena accepts: ${statement}`);
    if (foreign.has(name)) throw new Error(`AlreadyExistsException: ${name}`);
    if (partition === 'truncate(7, `dt`)') monthly.add(name);
    else if (partition !== '`dt`') throw new Error(`unknown partition ${partition}`);
    await ask(`CREATE TABLE atlas_lake.${name} (${definitions(list)})`);
    // In the place of a time, which two tables could share.
    created.set(name, statements.length);
  };

  const merge = async (statement: string, name: string) => {
    const slice = /"slice" = '([^']+)'/.exec(statement)?.[1] ?? '';
    const table = tables().find((one) => one.name === name);
    if (!table) throw new Error(`TABLE_NOT_FOUND: ${name}`);
    const file = path.join(bucket, slicesPrefix(name), `slice=${slice}`, 'objects.txt');
    const keys = existsSync(file) ? (await readFile(file, 'utf8')).split('\n') : [];
    const files = keys.map((address) => path.join(bucket, address.replace('s3://lake/', '')));
    for (const one of files) if (!existsSync(one)) throw new Error(`HIVE_FILE_NOT_FOUND: ${one}`);
    const rows =
      files.length > 0 ? readNdjsonFiles(table, files) : `SELECT * FROM atlas_lake.${name} WHERE false`;
    await ask(
      `CREATE OR REPLACE VIEW atlas_lake_slices.${name} AS SELECT *, ${quoted(slice)} AS slice FROM (${rows})`,
    );
    await ask('BEGIN');
    try {
      await ask(`CREATE OR REPLACE TEMP TABLE before AS SELECT rowid AS id FROM atlas_lake.${name}`);
      await ask(statement);
      const partition = monthly.has(name) ? 'substr(dt, 1, 7)' : 'dt';
      const [written] = await ask(
        `SELECT count(DISTINCT ${partition}) AS partitions FROM atlas_lake.${name} WHERE rowid NOT IN (SELECT id FROM before)`,
      );
      if (Number(written?.['partitions']) > MAX_PARTITIONS)
        throw new Error('ICEBERG_TOO_MANY_OPEN_PARTITIONS');
      await ask('COMMIT');
    } catch (error) {
      await ask('ROLLBACK');
      // The only errors of a file in these tests are bytes that are no rows.
      throw /gzip|frame descriptor|JSON/i.test(String(error))
        ? new Error(`HIVE_CURSOR_ERROR: ${String(error)}`)
        : error;
    }
  };

  return {
    ask,
    statements,
    addForeign: (table) => void foreign.set(table.name, table),
    async run(statement) {
      statements.push(statement);
      if (Buffer.byteLength(statement) > MAX_STATEMENT) throw new Error('the query is too long');
      const added = /^ALTER TABLE `atlas_lake`\.`(\w+)` ADD COLUMNS \((.*)\)$/s.exec(statement);
      const dropped = /^DROP TABLE `atlas_lake`\.`(\w+)`$/.exec(statement)?.[1];
      const merged = /^MERGE INTO "atlas_lake"\."(\w+)" /.exec(statement)?.[1];
      if (statement.startsWith('CREATE TABLE ')) await create(statement);
      else if (added) {
        for (const one of (added[2] ?? '').split(/, (?=`)/)) {
          await ask(`ALTER TABLE atlas_lake.${added[1]} ADD COLUMN ${definitions(one)}`);
        }
      } else if (dropped !== undefined) foreign.delete(dropped);
      else if (merged !== undefined) await merge(statement, merged);
      else if (/^(?:DELETE FROM|UPDATE) /.test(statement)) await ask(statement);
      else if (!/^(?:OPTIMIZE "|VACUUM `|ALTER TABLE .* SET TBLPROPERTIES )/.test(statement)) {
        throw new Error(`no stand-in for ${statement}`);
      }
    },
    catalog: {
      async tables() {
        const found = new Map(foreign);
        const columns = await ask(
          `SELECT table_name AS name, column_name AS column FROM information_schema.columns WHERE table_schema = 'atlas_lake' ORDER BY ordinal_position`,
        );
        for (const [name, its] of Map.groupBy(columns, (row) => String(row['name']))) {
          const names = its.map((row) => String(row['column']));
          found.set(name, { name, kind: 'iceberg', columns: names, created: created.get(name) ?? 0 });
        }
        return found;
      },
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Returns columns of Athena's DDL in DuckDB's words. */
function definitions(list: string): string {
  return list
    .split(/, (?=`)/)
    .map((one) => {
      const [, name = '', type = ''] = /^`(\w+)` (\w+)(?: COMMENT '.*')?$/s.exec(one) ?? [];
      const known = TYPES.find((candidate) => candidate === type);
      if (!known) throw new Error(`not a column that Athena accepts: ${one}`);
      return `"${name}" ${sqlType({ type: known })}`;
    })
    .join(', ');
}
