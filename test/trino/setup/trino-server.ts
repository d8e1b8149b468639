import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../local-aws/free-port.ts';
import { copyJars, installed } from '../../support/servers/install.ts';
import { launch, type Server } from '../../support/servers/launch.ts';
import { catalogFiles, properties } from './catalog-files.ts';

const VERSION = '476';

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Each part of the server with its Maven project, the folder of its jars and, for a plugin, its class. */
const PARTS = [
  { pom: 'server.pom.xml', folder: 'lib' },
  { pom: 'hive.pom.xml', folder: 'plugin/hive', plugin: 'io.trino.plugin.hive.HivePlugin' },
  { pom: 'iceberg.pom.xml', folder: 'plugin/iceberg', plugin: 'io.trino.plugin.iceberg.IcebergPlugin' },
];

/** Trino needs about 20 seconds on two idle cores, and minutes on busy ones. */
const START_MS = 480_000;

const JAVA_OPTIONS = [
  '-Xmx4G',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djdk.attach.allowAttachSelf=true',
  '-Dfile.encoding=UTF-8',
  '-Duser.timezone=UTC',
  '--add-modules=jdk.incubator.vector',
  '--enable-native-access=ALL-UNNAMED',
  '--sun-misc-unsafe-memory-access=allow',
];

/** Assembles this version of Trino from Maven's jars unless it is installed. Returns its folder. */
export function installTrino(): string {
  const poms = PARTS.map(({ pom }) => fileOf(pom));
  return installed('trino', poms, (target) => {
    for (const { pom, folder, plugin } of PARTS) {
      copyJars(fileOf(pom), path.join(target, folder));
      if (plugin === undefined) continue;
      // The jars lack the file that names the plugin's class. A folder in the class path serves like a jar.
      const services = path.join(target, folder, 'services/META-INF/services');
      mkdirSync(services, { recursive: true });
      writeFileSync(path.join(services, 'io.trino.spi.Plugin'), `${plugin}\n`);
    }
  });
}

/**
 * Starts Trino with two catalogs over one Glue: Hive tables and Iceberg tables. A table of the other kind is redirected,
 * so that statements find both kinds in either catalog, as in Athena.
 * @param aws the address of Glue and S3
 */
export async function startTrino(jdk: string, installation: string, aws: string): Promise<Server> {
  const folder = await mkdtemp(path.join(tmpdir(), 'atlas-lake-trino-'));
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const catalogs = path.join(folder, 'catalog');
  mkdirSync(catalogs);
  for (const [name, text] of Object.entries(catalogFiles(aws))) {
    await writeFile(path.join(catalogs, `${name}.properties`), text);
  }
  const config = path.join(folder, 'config.properties');
  await writeFile(config, serverConfiguration(endpoint, installation, catalogs));
  const classes = path.join(installation, 'lib', '*');
  const server = launch(
    path.join(jdk, 'bin/java'),
    [...JAVA_OPTIONS, `-Dconfig=${config}`, '-cp', classes, fileOf('Main.java'), VERSION],
    folder,
  );
  await server.until(async () => (await isReady(endpoint)) || undefined, START_MS);
  return {
    endpoint,
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serverConfiguration(endpoint: string, installation: string, catalogs: string): string {
  return properties({
    'node.environment': 'test',
    'node.id': 'one',
    'node.bind-ip': '127.0.0.1',
    'node.internal-address': '127.0.0.1',
    coordinator: 'true',
    'node-scheduler.include-coordinator': 'true',
    'http-server.http.port': new URL(endpoint).port,
    'discovery.uri': endpoint,
    'plugin.dir': path.join(installation, 'plugin'),
    'catalog.config-dir': catalogs,
    'query.max-memory-per-node': '1500MB',
    'memory.heap-headroom-per-node': '500MB',
    // With one writer, the limit of open partitions is a limit of the query, as in Athena.
    'task.min-writer-count': '1',
    'task.max-writer-count': '1',
  });
}

/** Returns whether the server runs queries. It answers requests earlier than that. */
async function isReady(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(`${endpoint}/v1/info`);
    const body: unknown = await response.json();
    return response.ok && typeof body === 'object' && body !== null && 'starting' in body && !body.starting;
  } catch {
    return false;
  }
}
