import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createOrganisation } from '../../simulator/organisation.ts';
import { startSimulator } from '../../simulator/server.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { T } from '../support/times.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const ROUNDS = 10;
const TWO_DATASETS = ['--dataset', 'database_measurements', '--dataset', 'disk_measurements'];

/** Prints the peak memory of a process when it ends, in KiB. */
const PRINT_PEAK =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("\\n"+process.resourceUsage().maxRSS))';

const run = promisify(execFile);

export interface SmallRun {
  command: string;
  /** What is started: the compiled package, or the sources of a clone. */
  from: 'package' | 'clone';
  /** Mean processor time of the process and its stand-ins, in seconds. */
  cpuSeconds: number;
  peakMebibytes: number;
}

/**
 * Measures commands that have little to do, as people run them: each in a new process, with code that Node has compiled
 * before. A second collection of the same tick finds nothing new.
 */
export async function smallRuns(): Promise<SmallRun[]> {
  const organisation = createOrganisation({
    projects: [{ name: 'p', clusters: [{ name: 'c', nodes: 3, databases: ['a'], disks: ['data'] }] }],
  });
  const simulator = await startSimulator({ organisation, now: T, rateLimits: false });
  const folder = await makeTemporaryFolder();
  const environment = {
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
    HOME: folder,
    NODE_COMPILE_CACHE: path.join(folder, 'cache'),
    MONGODB_ATLAS_BASE_URL: simulator.url,
    MONGODB_ATLAS_CLIENT_ID: simulator.credentials.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: simulator.credentials.clientSecret,
  };
  const collect = (...rest: string[]) => [
    'collect',
    '--quiet',
    '--at',
    new Date(T).toISOString(),
    '--lake',
    path.join(folder, 'lake'),
    ...rest,
  ];
  try {
    const programs = { package: await builtPackage(folder), clone: path.join(PROJECT, 'cli/main.js') };
    const measured: SmallRun[] = [];
    for (const from of ['package', 'clone'] as const) {
      const measure = async (command: string, args: string[]) => {
        const program = [programs[from], ...args];
        await run(process.execPath, program, { env: environment });
        measured.push({
          command,
          from,
          cpuSeconds: await cpuSecondsOf(program, environment),
          peakMebibytes: await peakOf(program, environment),
        });
      };
      await measure('--help', ['--help']);
      await measure('collect, two datasets, nothing new', collect(...TWO_DATASETS));
      await measure('collect, nothing new', collect());
    }
    return measured;
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true });
  }
}

/** Builds the package into a folder, and returns its program. */
async function builtPackage(folder: string): Promise<string> {
  await run('npm', ['run', 'build'], { cwd: PROJECT });
  await mkdir(path.join(folder, 'package/cli'), { recursive: true });
  const program = path.join(folder, 'package/cli/main.js');
  await copyFile(path.join(PROJECT, 'cli/main.js'), program);
  await copyFile(path.join(PROJECT, 'package.json'), path.join(folder, 'package/package.json'));
  await cp(path.join(PROJECT, 'dist'), path.join(folder, 'package/dist'), { recursive: true });
  await symlink(path.join(PROJECT, 'node_modules'), path.join(folder, 'package/node_modules'));
  return program;
}

/** Returns the mean processor time of a program with all processes that it starts. A shell counts in hundredths. */
async function cpuSecondsOf(program: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const script = `for round in $(seq ${ROUNDS}); do "$@" > /dev/null; done; times`;
  const { stdout } = await run('/bin/sh', ['-c', script, 'sh', process.execPath, ...program], { env });
  const ofChildren = stdout.trim().split('\n').at(-1) ?? '';
  const times = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)];
  const seconds = times.reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
  return seconds / ROUNDS;
}

async function peakOf(program: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { stderr } = await run(process.execPath, ['--import', PRINT_PEAK, ...program], { env });
  return Number(stderr.trim().split('\n').at(-1)) / 1024;
}
