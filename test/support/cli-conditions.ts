import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type CliCase, PLACES } from './cli-cases.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
const run = promisify(execFile);

/** Anyone but root cannot write to a folder of mode 555. Tests in a container run as root. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A command that takes longer is interrupted. */
const PATIENCE_MS = 60_000;

/** Limits the size of files, in units of 512 bytes, and starts "$@". */
const SMALL_FILES = 'ulimit -f "$KIB_TIMES_2" && exec "$@"';

/** Copies the folder to a disk of its own, fills it except for some KiB, and starts "$@" there. */
const FULL_DISK = `
  mount -t tmpfs -o size=64m none "$DISK" && cp -r "$CASE/." "$DISK" && cd "$DISK" || exit 99
  head -c 64M /dev/zero > "$DISK/.fill" 2> /dev/null
  truncate -s "-\${KIB}K" "$DISK/.fill" && exec "$@"`;

/** What the cases connect to, and the lake that they copy. */
export interface Surroundings {
  lake: string;
  project: string;
  /** A port that is in use, where no Atlas answers. */
  busyPort: number;
  atlas: { url: string; credentials: { clientId: string; clientSecret: string } };
  aws: Readonly<Record<string, string>>;
}

export interface CaseResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Whether the process was interrupted, by the case or because it took too long. */
  interrupted: boolean;
}

/** Returns why this machine has no small disk; undefined if it has. */
export async function noSmallDisk(): Promise<string | undefined> {
  const folder = await makeTemporaryFolder();
  try {
    await chmod(folder, 0o755);
    await run('unshare', ['-rm', 'sh', '-c', `mount -t tmpfs -o size=64k none ${folder}`], NOBODY);
    return undefined;
  } catch (error) {
    return `no case has a full disk, because this machine does not let its users mount one: ${String(error)}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Starts the command line as the case says, and waits until it ends. */
export async function runCase(
  its: CliCase,
  around: Surroundings,
  hasSmallDisk: boolean,
): Promise<CaseResult> {
  const folder = await makeTemporaryFolder();
  const disk = await makeTemporaryFolder();
  const isFull = its.disk.kind === 'full' && hasSmallDisk;
  try {
    await prepare(folder, around.lake);
    const places = placesIn(isFull ? disk : folder, around);
    const args = its.args.map((arg) => arg.replace(/\{([\w-]+)\}/g, (all, name) => places[name] ?? all));
    const program = [process.execPath, MAIN, its.command, ...args];
    const sink = its.output === 'full' ? await open('/dev/full', 'w') : undefined;
    const script = isFull ? FULL_DISK : its.disk.kind === 'small files' ? SMALL_FILES : 'exec "$@"';
    const shell = ['sh', '-c', script, 'sh', ...program];
    const [file = '', ...rest] = isFull ? ['unshare', '-rm', ...shell] : shell;
    const child = spawn(file, rest, {
      cwd: folder,
      env: {
        ...environmentOf(its, around),
        HOME: folder,
        CASE: folder,
        DISK: disk,
        KIB: String(its.disk.kib),
        KIB_TIMES_2: String(its.disk.kib * 2),
      },
      stdio: [its.input === null ? 'ignore' : 'pipe', sink ? sink.fd : 'pipe', 'pipe'],
      ...NOBODY,
    });
    const result = await resultOf(child, its);
    await sink?.close();
    return result;
  } finally {
    await run('chmod', ['-R', 'u+rwx', folder]);
    for (const each of [folder, disk]) await rm(each, { recursive: true, force: true });
  }
}

async function resultOf(child: ChildProcess, its: CliCase): Promise<CaseResult> {
  const output = { stdout: '', stderr: '' };
  if (its.output === 'closed') child.stdout?.destroy();
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  // The process may end before it reads.
  child.stdin?.on('error', () => {});
  child.stdin?.end(its.input);
  let interrupted = false;
  const interrupt = () => {
    interrupted = child.kill('SIGINT') || interrupted;
  };
  const timers = [
    setTimeout(interrupt, PATIENCE_MS),
    setTimeout(() => child.kill('SIGKILL'), 2 * PATIENCE_MS),
  ];
  if (its.interruptedAt !== null) timers.push(setTimeout(interrupt, its.interruptedAt));
  await once(child, 'close');
  for (const timer of timers) clearTimeout(timer);
  return { code: child.exitCode, signal: child.signalCode, ...output, interrupted };
}

/** Prepares what the names of places stand for. */
async function prepare(folder: string, lake: string): Promise<void> {
  const at = (place: (typeof PLACES)[number]) => path.join(folder, place);
  await cp(lake, at('good'), { recursive: true });
  await cp(lake, at('read-only'), { recursive: true });
  await cp(lake, at('broken'), { recursive: true });
  await writeFile(path.join(at('broken'), '.cursors/dynamodb.db'), 'not a database'.repeat(1_000));
  await mkdir(at('empty'));
  await writeFile(at('file'), 'a file');
  await writeFile(at('config'), '{"rateReserve": 0.1}');
  await writeFile(at('wrong-config'), '{"rateReserve": "much"}');
  if ('uid' in NOBODY) await run('chown', ['-R', `${NOBODY.uid}:${NOBODY.gid}`, folder]);
  await run('chmod', ['-R', 'a-w', at('read-only')]);
}

function placesIn(folder: string, { project, busyPort }: Surroundings): Record<string, string> {
  const places = PLACES.map((place) => [place, path.join(folder, place)] as const);
  return { ...Object.fromEntries(places), project, busy: String(busyPort) };
}

function environmentOf(its: CliCase, { atlas, aws, busyPort }: Surroundings): Record<string, string> {
  const unused = 'http://127.0.0.1:1';
  const isInS3 = its.args.includes('--bucket');
  const url = { 'nobody answers': unused, 'no Atlas': `http://127.0.0.1:${busyPort}` };
  const { clientId, clientSecret } = atlas.credentials;
  const secret = its.atlas === 'wrong secret' ? 'wrong' : clientSecret;
  return {
    PATH: process.env['PATH'] ?? '',
    MONGODB_ATLAS_BASE_URL:
      its.atlas === 'nobody answers' || its.atlas === 'no Atlas' ? url[its.atlas] : atlas.url,
    ...(its.atlas !== 'no credentials' && { MONGODB_ATLAS_CLIENT_ID: clientId }),
    ...(its.atlas !== 'no credentials' &&
      its.atlas !== 'half a credential' && { MONGODB_ATLAS_CLIENT_SECRET: secret }),
    // No case may reach AWS.
    AWS_ENDPOINT_URL: unused,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: unused,
    ...(its.aws !== 'no region' && {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    }),
    // A collection would keep its cursors there.
    ...(isInS3 && its.aws === 'good' && aws),
    ...(isInS3 && its.aws === 'wrong secret' && { ...aws, AWS_SECRET_ACCESS_KEY: 'wrong' }),
  };
}
