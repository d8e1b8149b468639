import { expect, test } from 'vitest';
import { Trino } from './trino.ts';

test('runs', async () => {
  const trino = new Trino(process.env['ATLAS_LAKE_TEST_TRINO'] ?? '', 'atlas_lake');
  console.log(
    await trino.run(
      "select 1 a, 9223372036854775807 b, 1e308 c, map(array['a'], array[1]) d, version() v, nan() n, timestamp '0001-01-01 00:00:00' t",
    ),
  );
  console.log(await trino.run('show catalogs'));
  await expect(trino.run('select * from nope')).rejects.toThrow('SCHEMA_NOT_FOUND');
});
