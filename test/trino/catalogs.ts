/** The catalog that Athena calls by this name. Statements and views name no other. */
export const HIVE_CATALOG = 'awsdatacatalog';

/** The catalog that Trino needs besides for Iceberg tables. */
export const ICEBERG_CATALOG = 'iceberg';
