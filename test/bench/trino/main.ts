import type { Server } from '../../support/servers/launch.ts';
import { installMoto, startMoto } from '../../support/servers/moto.ts';
import { findJdk, NO_JDK } from '../../trino/setup/jdk.ts';
import { installTrino, startTrino } from '../../trino/setup/trino-server.ts';
import { measuredNow, saveResults } from '../results.ts';
import { engines } from './engines.ts';

/** `npm run bench:trino` measures the engines of the lake, and adds the table to the documentation. */
const jdk = findJdk();
if (jdk === null) throw new Error(`This benchmark needs:\n${NO_JDK}`);
const trinoFolder = installTrino();
const python = installMoto();
const servers: Server[] = [];
try {
  const moto = await startMoto(python);
  servers.push(moto);
  const trino = await startTrino(jdk, trinoFolder, moto.endpoint);
  servers.push(trino);
  process.env['ATLAS_LAKE_TEST_TRINO'] = trino.endpoint;
  process.env['ATLAS_LAKE_TEST_GLUE'] = moto.endpoint;
  await saveResults({ engines: { ...measuredNow(), comparisons: await engines() } });
} finally {
  for (const server of servers.reverse()) await server.close();
}
