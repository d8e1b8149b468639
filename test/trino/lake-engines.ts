import type { DuckDBConnection } from '@duckdb/node-api';
import { withLakeDatabase } from '../../cli/duckdb/lake-database.ts';
import { DAY } from '../../shared/durations.ts';
import { type Lakehouse, startLakehouse } from './lakehouse.ts';
import type { Trino } from './trino.ts';

/** The same objects in two engines. */
export interface LakeEngines {
  trino: Trino;
  /** Has the tables and views of the command line's `query`. */
  duckdb: DuckDBConnection;
  house: Lakehouse;
  close(): Promise<void>;
}

/** Opens a local lake in DuckDB, and copies of its objects in Trino. */
export async function openInBoth(lake: {
  folder: string;
  bucket: string;
  firstDay: string;
}): Promise<LakeEngines> {
  const landingDays = Math.ceil((Date.now() - Date.parse(lake.firstDay)) / DAY) + 1;
  const house = await startLakehouse({ catalog: { landingDays } });
  await house.upload(lake.bucket);
  const opened = Promise.withResolvers<DuckDBConnection>();
  const closing = Promise.withResolvers<void>();
  const closed = withLakeDatabase(lake.folder, (connection) => {
    opened.resolve(connection);
    return closing.promise;
  });
  closed.catch(opened.reject);
  return {
    trino: house.trino,
    duckdb: await opened.promise,
    house,
    async close() {
      closing.resolve();
      await closed;
      house.close();
    },
  };
}
