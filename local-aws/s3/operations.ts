import { deleteObjects } from './delete-objects.ts';
import { S3Error } from './errors.ts';
import { listObjects } from './list-objects.ts';
import { deleteObject, getObject, headObject, putObject, type S3Response } from './objects.ts';
import { readDocument } from './payload.ts';
import type { S3Request } from './request.ts';
import type { Store } from './store.ts';

interface Operation {
  /** The supported parameters and headers. The server refuses others that would change the operation's meaning. */
  readonly query?: readonly string[];
  readonly headers?: readonly string[];
  run(store: Store, request: S3Request): Promise<S3Response>;
}

const READ_HEADERS = ['if-match', 'if-none-match', 'x-amz-checksum-mode'];

/** Headers of the connection, the signature and the body, which every operation allows. */
const COMMON_HEADERS =
  /^x-amz-(date|security-token|user-agent|content-sha256|decoded-content-length|trailer|sdk-checksum-algorithm|checksum-(?!mode|type)\w+)$/;
const MEANINGFUL_HEADERS = /^(x-amz-.*|if-.*)$/;

const OBJECT_OPERATIONS: Readonly<Record<string, Operation>> = {
  PUT: { headers: ['if-match', 'if-none-match', 'x-amz-meta-'], run: putObject },
  GET: { headers: READ_HEADERS, run: getObject },
  HEAD: { headers: READ_HEADERS, run: headObject },
  DELETE: { run: deleteObject },
};

const BUCKET_OPERATIONS: Readonly<Record<string, Operation>> = {
  PUT: { run: createBucket },
  HEAD: { run: headBucket },
  GET: {
    query: [
      'list-type',
      'prefix',
      'delimiter',
      'max-keys',
      'continuation-token',
      'start-after',
      'encoding-type',
    ],
    run: listObjects,
  },
  POST: { query: ['delete'], run: deleteObjects },
};

const READ_LIFECYCLE: Operation = { query: ['lifecycle'], run: readLifecycle };

/**
 * Performs a request.
 *
 * @throws {S3Error} NotImplemented for everything that S3 supports and this server does not
 */
export async function perform(store: Store, request: S3Request): Promise<S3Response> {
  const { method, bucket, key, query } = request;
  if (!['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].includes(method)) {
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  }
  const isLifecycle = key === '' && method === 'GET' && query.has('lifecycle');
  const operation = isLifecycle
    ? READ_LIFECYCLE
    : (key === '' ? BUCKET_OPERATIONS : OBJECT_OPERATIONS)[method];
  if (bucket === '' || operation === undefined) throw notImplemented(`${method} ${request.path}`);
  if (operation.run === listObjects && query.get('list-type') !== '2')
    throw notImplemented('listing without ListObjectsV2');
  if (operation.run === deleteObjects && !query.has('delete'))
    throw notImplemented('POST except for DeleteObjects');
  checkUnderstood(operation, request);
  return await operation.run(store, request);
}

function checkUnderstood({ query = [], headers = [] }: Operation, request: S3Request): void {
  for (const name of request.query.keys()) {
    // The SDK adds the operation's name.
    if (name !== 'x-id' && !query.includes(name)) throw notImplemented(`the parameter ${name}`);
  }
  for (const name of request.headers.keys()) {
    if (!MEANINGFUL_HEADERS.test(name) || COMMON_HEADERS.test(name)) continue;
    if (!headers.some((known) => name === known || (known.endsWith('-') && name.startsWith(known)))) {
      throw notImplemented(`the header ${name}`);
    }
  }
}

function notImplemented(what: string): S3Error {
  return new S3Error('NotImplemented', `The local S3 does not support ${what}.`);
}

async function createBucket(store: Store, request: S3Request): Promise<S3Response> {
  // The body contains at most a region, and there is only one.
  await readDocument(request);
  await store.createBucket(request.bucket);
  return { status: 200, headers: { location: `/${request.bucket}` } };
}

async function headBucket(store: Store, request: S3Request): Promise<S3Response> {
  await store.bucketDirectory(request.bucket);
  return { status: 200, headers: { 'x-amz-bucket-region': 'us-east-1' } };
}

/** @throws {S3Error} NoSuchLifecycleConfiguration, because nothing can set one here */
async function readLifecycle(store: Store, request: S3Request): Promise<S3Response> {
  await store.bucketDirectory(request.bucket);
  throw new S3Error('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist.');
}
