import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { HIVE_CATALOG } from './catalogs.ts';

/** A value in a result. Integers that a double cannot represent are bigints, and nested values are JSON texts. */
export type TrinoValue = string | number | bigint | boolean | null;

export interface TrinoColumn {
  name: string;
  /** Trino's name of the type, such as `timestamp(3)`. */
  type: string;
}

export interface TrinoResult {
  columns: TrinoColumn[];
  rows: TrinoValue[][];
  /** What kind of statement changed something, such as `MERGE`. Null for a query. */
  updateType: string | null;
  /** The number of changed rows. Null for a query and for statements that do not count. */
  updateCount: number | null;
  /** The bytes that the statement read from tables. */
  readBytes: number;
}

/** A statement that Trino refused or could not finish. */
export class TrinoError extends Error {
  override readonly name = 'TrinoError';
  /** Trino's name of the error, such as `TABLE_NOT_FOUND`. */
  readonly errorName: string;

  constructor(errorName: string, message: string, statement: string) {
    super(`${errorName}: ${message}\n${statement.slice(0, 2_000)}`);
    this.errorName = errorName;
  }
}

const pageSchema = z.object({
  nextUri: z.string().optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
  data: z.array(z.array(z.unknown())).optional(),
  updateType: z.string().optional(),
  updateCount: z.number().optional(),
  stats: z.object({ physicalInputBytes: z.number().default(0) }),
  error: z.object({ errorName: z.string(), message: z.string() }).optional(),
});

type Page = z.infer<typeof pageSchema>;

/** A client of Trino's HTTP protocol. Its sessions use UTC and one schema of the catalog that Athena has. */
export class Trino {
  readonly #endpoint: string;
  /** The schema of names without one. */
  readonly schema: string;

  constructor(endpoint: string, schema: string) {
    this.#endpoint = endpoint;
    this.schema = schema;
  }

  /** Returns a client whose sessions use another schema. */
  withSchema(schema: string): Trino {
    return new Trino(this.#endpoint, schema);
  }

  /**
   * Runs a statement to its end and returns the complete result.
   * @param session session properties, such as `awsdatacatalog.compression_codec`
   * @throws {TrinoError}
   */
  async run(statement: string, session: Readonly<Record<string, string>> = {}): Promise<TrinoResult> {
    const headers = {
      'X-Trino-User': 'atlas-lake',
      'X-Trino-Source': 'atlas-lake tests',
      'X-Trino-Catalog': HIVE_CATALOG,
      'X-Trino-Schema': this.schema,
      'X-Trino-Time-Zone': 'UTC',
      // Without it, Trino rounds timestamps to milliseconds.
      'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
      'X-Trino-Session': Object.entries(session)
        .map(([name, its]) => `${name}=${encodeURIComponent(its)}`)
        .join(','),
    };
    const result: TrinoResult = { columns: [], rows: [], updateType: null, updateCount: null, readBytes: 0 };
    let page = await request(`${this.#endpoint}/v1/statement`, { method: 'POST', headers, body: statement });
    for (;;) {
      if (page.error) throw new TrinoError(page.error.errorName, page.error.message, statement);
      for (const row of page.data ?? []) result.rows.push(row.map(checked));
      result.columns = page.columns ?? result.columns;
      result.updateType = page.updateType ?? result.updateType;
      result.updateCount = page.updateCount ?? result.updateCount;
      result.readBytes = page.stats.physicalInputBytes;
      if (page.nextUri === undefined) return result;
      page = await request(page.nextUri, { headers });
    }
  }

  /** Runs a query and returns its rows as objects. */
  async ask(query: string): Promise<Array<Record<string, TrinoValue>>> {
    const { columns, rows } = await this.run(query);
    return rows.map((row) =>
      Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])),
    );
  }
}

/** Checks a value. A schema would take longer than the query. */
function checked(its: unknown): TrinoValue {
  if (typeof its === 'string' || typeof its === 'number' || typeof its === 'bigint') return its;
  if (typeof its === 'boolean' || its === null) return its;
  return JSON.stringify(its);
}

/** Requests one page. Repeats the request while Trino is overloaded, as its protocol demands. */
async function request(address: string, options: RequestInit): Promise<Page> {
  for (;;) {
    const response = await fetch(address, options);
    const text = await response.text();
    if (response.ok) return pageSchema.parse(JSON.parse(text, exactInteger));
    if (![429, 502, 503, 504].includes(response.status))
      throw new Error(`Trino answered ${response.status}: ${text}`);
    await setTimeout(100);
  }
}

/** Keeps the digits of integers that a double cannot represent. */
function exactInteger(_key: string, its: unknown, context?: { source: string }): unknown {
  if (typeof its !== 'number' || Number.isSafeInteger(its)) return its;
  const digits = context?.source ?? '';
  return /^-?\d+$/.test(digits) ? BigInt(digits) : its;
}
