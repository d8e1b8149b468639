import { HIVE_CATALOG, ICEBERG_CATALOG } from './catalogs.ts';

/** A statement for Trino, with the session properties that it needs. */
export interface TrinoStatement {
  sql: string;
  session?: Readonly<Record<string, string>>;
}

/** What a translation knows besides the statement. */
export interface TranslationContext {
  /** The database of names without one. */
  database: string;
  /** A name that no other statement has. */
  unique: string;
  /** Returns a property of an Iceberg table, such as `vacuum_max_snapshot_age_seconds`. Undefined if it is not set. */
  propertyOf(table: string, property: string): Promise<string | undefined>;
}

interface Translation {
  /** The form of Athena's statement. */
  athena: string;
  /** What Trino runs instead. */
  trino: string;
  /** Why Trino cannot run Athena's statement. */
  reason: string;
  pattern: RegExp;
  translate(
    groups: Readonly<Record<string, string | undefined>>,
    context: TranslationContext,
  ): Promise<TrinoStatement[]> | TrinoStatement[];
}

/** One or two parts, quoted or not. Athena quotes names with backticks in DDL, and with double quotes elsewhere. */
const NAME = '[\\w`"]+(?:\\.[\\w`"]+)?';

/**
 * Athena's default for `vacuum_max_snapshot_age_seconds`, and the property that replaces it. Trino has no property for it.
 */
const SNAPSHOT_AGE = { property: 'vacuum_max_snapshot_age_seconds', seconds: '432000' };

/** Every statement that Athena and Trino write differently. Each other statement runs unchanged. */
export const TRANSLATIONS: readonly Translation[] = [
  {
    athena: "UNLOAD (query) TO 'location' WITH (format = 'PARQUET', compression = 'ZSTD')",
    trino: 'CREATE TABLE temporary WITH (external_location, format) AS query; DROP TABLE temporary',
    reason: 'Trino writes files only as a table. Dropping an external table keeps its files.',
    pattern:
      /^UNLOAD\s*\((?<query>.*)\)\s*TO\s*'(?<location>[^']+)'\s*WITH\s*\(\s*format\s*=\s*'(?<format>\w+)'(?:\s*,\s*compression\s*=\s*'(?<compression>\w+)')?\s*\)$/is,
    translate({ query, location, format, compression }, { unique }) {
      const table = `unload_${unique}`;
      return [
        {
          sql: `CREATE TABLE ${table} WITH (external_location = '${location}', format = '${format}') AS ${query}`,
          session: compression === undefined ? {} : { [`${HIVE_CATALOG}.compression_codec`]: compression },
        },
        { sql: `DROP TABLE ${table}` },
      ];
    },
  },
  {
    athena: 'OPTIMIZE table REWRITE DATA USING BIN_PACK [WHERE condition]',
    trino: 'ALTER TABLE table EXECUTE optimize [WHERE condition]',
    reason: "Trino's grammar has no OPTIMIZE.",
    pattern: new RegExp(
      `^OPTIMIZE\\s+(?<table>${NAME})\\s+REWRITE\\s+DATA\\s+USING\\s+BIN_PACK(?:\\s+(?<where>WHERE\\s.*))?$`,
      'is',
    ),
    translate: ({ table = '', where = '' }, { database }) => [
      { sql: `ALTER TABLE ${iceberg(table, database)} EXECUTE optimize ${where}`.trimEnd() },
    ],
  },
  {
    athena: 'VACUUM table',
    trino: 'ALTER TABLE table EXECUTE expire_snapshots(…); ALTER TABLE table EXECUTE remove_orphan_files(…)',
    reason: "Trino's grammar has no VACUUM, which does both. It takes the age from the table's properties.",
    pattern: new RegExp(`^VACUUM\\s+(?<table>${NAME})$`, 'is'),
    async translate({ table = '' }, { database, propertyOf }) {
      const its = iceberg(table, database);
      const seconds = (await propertyOf(table, SNAPSHOT_AGE.property)) ?? SNAPSHOT_AGE.seconds;
      const age = `(retention_threshold => '${seconds}s')`;
      return ['expire_snapshots', 'remove_orphan_files'].map((procedure) => ({
        sql: `ALTER TABLE ${its} EXECUTE ${procedure}${age}`,
      }));
    },
  },
  {
    athena:
      "CREATE TABLE [IF NOT EXISTS] table (columns) [PARTITIONED BY (…)] LOCATION '…' TBLPROPERTIES ('table_type' = 'ICEBERG', …)",
    trino: 'CREATE TABLE [IF NOT EXISTS] iceberg.database.table (columns) WITH (partitioning, location, …)',
    reason:
      "Athena's DDL is Hive's. Trino has other type names, properties and a catalog for Iceberg tables.",
    pattern: new RegExp(
      `^CREATE\\s+TABLE\\s+(?<exists>IF\\s+NOT\\s+EXISTS\\s+)?(?<table>${NAME})\\s*\\((?<columns>.*?)\\)\\s*(?:PARTITIONED\\s+BY\\s*\\((?<partitions>.*)\\)\\s*)?LOCATION\\s*'(?<location>[^']+)'\\s*TBLPROPERTIES\\s*\\((?<properties>.*'ICEBERG'.*)\\)$`,
      'is',
    ),
    translate(
      { exists = '', table = '', columns = '', partitions, location, properties = '' },
      { database },
    ) {
      const all = Object.fromEntries(
        [...properties.matchAll(/'([^']+)'\s*=\s*'([^']*)'/g)].map(([, name = '', its = '']) => [name, its]),
      );
      const { table_type: _, format = 'parquet', ...extra } = all;
      const options = [
        `format = '${format}'`,
        `location = '${location}'`,
        ...(partitions === undefined
          ? []
          : [`partitioning = ${texts(separated(partitions).map(trinoPartition))}`]),
        ...(Object.keys(extra).length === 0
          ? []
          : [`extra_properties = MAP(${texts(Object.keys(extra))}, ${texts(Object.values(extra))})`]),
      ];
      return [
        {
          sql: `CREATE TABLE ${exists}${iceberg(table, database)} (${separated(columns).map(trinoColumn).join(', ')}) WITH (${options.join(', ')})`,
        },
      ];
    },
  },
  {
    athena: 'ALTER TABLE table ADD COLUMNS (column type, …)',
    trino: 'ALTER TABLE table ADD COLUMN column type, once for each column',
    reason: "Athena's DDL is Hive's. Trino adds one column at a time and has other type names.",
    pattern: new RegExp(
      `^ALTER\\s+TABLE\\s+(?<table>${NAME})\\s+ADD\\s+COLUMNS\\s*\\((?<columns>.*)\\)$`,
      'is',
    ),
    translate: ({ table = '', columns = '' }, { database }) =>
      separated(columns).map((column) => ({
        sql: `ALTER TABLE ${iceberg(table, database)} ADD COLUMN ${trinoColumn(column)}`,
      })),
  },
  {
    athena: "ALTER TABLE table SET TBLPROPERTIES ('name' = 'value')",
    trino: 'ALTER TABLE iceberg.database.table SET PROPERTIES extra_properties = MAP(…)',
    reason: "Athena's DDL is Hive's. Trino knows Athena's properties only as extra ones.",
    pattern: new RegExp(
      `^ALTER\\s+TABLE\\s+(?<table>${NAME})\\s+SET\\s+TBLPROPERTIES\\s*\\('(?<name>[^']+)'\\s*=\\s*'(?<value>[^']*)'\\)$`,
      'is',
    ),
    translate: ({ table = '', name = '', value = '' }, { database }) => [
      {
        sql: `ALTER TABLE ${iceberg(table, database)} SET PROPERTIES extra_properties = MAP(${texts([name])}, ${texts([value])})`,
      },
    ],
  },
  {
    athena: 'DROP TABLE `database`.`table`',
    trino: 'DROP TABLE "database"."table"',
    reason: "Athena quotes names in DDL with Hive's backticks.",
    pattern: new RegExp(`^DROP\\s+TABLE\\s+(?<table>${NAME})$`, 'is'),
    translate: ({ table = '' }) => [
      {
        sql: `DROP TABLE ${unquoted(table)
          .split('.')
          .map((part) => `"${part}"`)
          .join('.')}`,
      },
    ],
  },
];

/** Returns what Trino runs for a statement of Athena. */
export async function translated(statement: string, context: TranslationContext): Promise<TrinoStatement[]> {
  const text = statement.trim().replace(/;$/, '');
  for (const { pattern, translate } of TRANSLATIONS) {
    const groups = pattern.exec(text)?.groups;
    if (groups) return translate(groups, context);
  }
  return [{ sql: text }];
}

/** Returns a table's full name in the catalog of Iceberg tables. */
function iceberg(table: string, database: string): string {
  const parts = unquoted(table).split('.');
  return [ICEBERG_CATALOG, ...(parts.length === 1 ? [database] : []), ...parts]
    .map((part) => `"${part}"`)
    .join('.');
}

function unquoted(name: string): string {
  return name.replaceAll(/[`"]/g, '');
}

/** Translates a partition's transform. Trino expects the number of `bucket` and `truncate` behind the column. */
function trinoPartition(partition: string): string {
  return unquoted(partition).replace(/^(bucket|truncate)\s*\(\s*(\d+)\s*,\s*(\w+)\s*\)$/i, '$1($3, $2)');
}

/** Splits a list at its commas, except those within parentheses or quotes. */
function separated(list: string): string[] {
  return (list.match(/(?:\([^)]*\)|'(?:[^']|'')*'|[^,('])+/g) ?? []).map((item) => item.trim());
}

/** The types that Hive and Trino name differently. Iceberg's timestamps have microseconds. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'varchar',
  int: 'integer',
  float: 'real',
  binary: 'varbinary',
  timestamp: 'timestamp(6)',
};

/** Translates the declaration of a column: its name, its type, and possibly a comment. */
function trinoColumn(column: string): string {
  const [, name = '', type = '', rest = ''] = /^(\S+)\s+(\w+(?:\s*\([^)]*\))?)(.*)$/s.exec(column) ?? [];
  if (name === '') throw new Error(`not a column: ${column}`);
  return `"${unquoted(name)}" ${TYPES[type.toLowerCase()] ?? type}${rest}`;
}

function texts(items: readonly string[]): string {
  return `ARRAY[${items.map((item) => `'${item.replaceAll("'", "''")}'`).join(', ')}]`;
}
