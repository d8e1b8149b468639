import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { startLocalS3 } from '../../../local-aws/s3/server.ts';
import { signatureOf } from '../../../local-aws/s3/signature.ts';
import { makeTemporaryFolder } from '../../support/temporary-folder.ts';

export const BUCKET = 'lake';

export const AWS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** Creates a folder for one test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await makeTemporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export function s3Client(endpoint: string): S3Client {
  const client = new S3Client({ ...AWS, endpoint, forcePathStyle: true, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

/** Starts a server on an empty folder, with a bucket. */
export async function startS3() {
  const folder = await temporaryFolder();
  const server = await startLocalS3(folder, AWS.credentials);
  onTestFinished(() => server.close());
  const client = s3Client(server.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  return { folder, client, endpoint: server.endpoint, server };
}

/** Starts a fixture in a separate process, and waits for its first line. */
export async function startProcess(fixture: string, ...args: string[]) {
  const script = fileURLToPath(new URL(`fixtures/${fixture}.ts`, import.meta.url));
  // In a process group of its own, as a terminal would start it.
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => kill(child));
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, line: String(line) };
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

export interface RawResponse {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** Returns the headers of a request with those that sign it. */
export function signed(
  endpoint: string,
  method: string,
  target: string,
  headers: Record<string, string | number> = {},
): Record<string, string | number> {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const all: Record<string, string | number> = {
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    ...headers,
    host: new URL(endpoint).host,
    'x-amz-date': date,
  };
  const signedHeaders = Object.keys(all)
    .filter((name) => name === 'host' || name.startsWith('x-amz-'))
    .sort();
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const request = {
    method,
    target,
    headers: new Map(Object.entries(all).map(([name, value]) => [name, String(value)])),
  };
  const { accessKeyId, secretAccessKey } = AWS.credentials;
  const signature = signatureOf(request, { scope, signedHeaders }, secretAccessKey);
  const fields = `Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  return { ...all, authorization: `AWS4-HMAC-SHA256 ${fields}` };
}

/** Sends a request that the SDK would not send. Signs it, and leaves it otherwise unchanged. */
export async function raw(
  endpoint: string,
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body: Buffer | string = '',
): Promise<RawResponse> {
  const { hostname, port } = new URL(endpoint);
  // Kept alive: otherwise a server that responds early closes, and the broken upload can hide its response.
  const agent = new Agent({ keepAlive: true });
  const request = httpRequest({
    hostname,
    port,
    method,
    path: target,
    headers: signed(endpoint, method, target, headers),
    agent,
  });
  request.end(body);
  const [response] = await once(request, 'response');
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  request.on('error', () => {});
  agent.destroy();
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() };
}

/** Waits until a condition is true that depends on another process. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Returns all files below a folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Returns the name and status of the error with which a call must fail. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<{ name: string; status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const metadata = '$metadata' in error ? error.$metadata : undefined;
    const status =
      typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
        ? Number(metadata.httpStatusCode)
        : undefined;
    return { name: error.name, status };
  }
  throw new Error('the call did not fail');
}
