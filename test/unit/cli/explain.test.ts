import { expect, test } from 'vitest';
import { explain } from '../../../cli/explain.ts';

/** Returns an error of the operating system, as Node throws it. */
function system(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code, ...more });
}

/** Returns an error as AWS's clients throw it. */
function aws(name: string, message: string): Error {
  return Object.assign(new Error(message), { name, $metadata: {} });
}

test.each<[Error, number, string]>([
  [
    system('ENOSPC', 'no space left on device, write'),
    1,
    'the disk is full: make room, then run the same command again',
  ],
  [
    aws('InternalError', 'ENOSPC: no space left on device, write'),
    1,
    'the disk is full: make room, then run the same command again',
  ],
  [
    aws('InternalServerError', 'storage error: database or disk is full'),
    1,
    'the disk is full: make room, then run the same command again',
  ],
  [
    system('EACCES', "permission denied, mkdir '/lake'", { path: '/lake' }),
    2,
    '/lake: there is no permission: check who may write there, or choose another place',
  ],
  [
    new Error('Cannot lock /lake/.lock: unable to open database file'),
    2,
    '/lake/.lock: there is no permission: check who may write there, or choose another place',
  ],
  [
    system('ERR_MODULE_NOT_FOUND', "Cannot find package '@duckdb/node-api' imported from /a/b.js"),
    2,
    'this needs DuckDB, and @duckdb/node-api is not installed: run npm install @duckdb/node-api',
  ],
  [
    system('MODULE_NOT_FOUND', "Cannot find module '@duckdb/node-bindings-linux-x64/duckdb.node'"),
    2,
    'this needs DuckDB, and @duckdb/node-bindings-linux-x64 is not installed: run npm install @duckdb/node-api',
  ],
  [
    system('ERR_MODULE_NOT_FOUND', "Cannot find module '/a/b/constructs' imported from /a/b.js"),
    1,
    "ERR_MODULE_NOT_FOUND: Cannot find module '/a/b/constructs' imported from /a/b.js. Run the same command again; if that fails, too, report this line",
  ],
  [
    new Error('The local DynamoDB did not start: error: Database file is not a valid SQLite database.'),
    2,
    "the database of the cursors is damaged: restore the folder .cursors from a copy, or move it away: then the next collect rebuilds it from the lake's commit records",
  ],
  [
    new Error('IO Error: Could not write file "/lake/a.parquet": No space left on device'),
    1,
    '/lake/a.parquet: the disk is full: make room, then run the same command again',
  ],
  [
    system('ENAMETOOLONG', "name too long, stat '/a/b'", { path: '/a/b', syscall: 'stat', errno: -36 }),
    1,
    '/a/b: name too long: check the path or address, then run the same command again',
  ],
  [
    Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read', errno: -104 }),
    1,
    'read ECONNRESET: check the path or address, then run the same command again',
  ],
  [
    system('EACCES', 'permission denied 127.0.0.1:80', { port: 80 }),
    2,
    'port 80: it is reserved for the administrator: choose another with --port; 0 picks a free one',
  ],
  [
    system('EADDRINUSE', 'address already in use 127.0.0.1:8080', { port: 8080 }),
    2,
    'port 8080: the port is in use: choose another with --port; 0 picks a free one',
  ],
  [
    aws('NoSuchBucket', 'The specified bucket does not exist'),
    2,
    'AWS answered NoSuchBucket: The specified bucket does not exist. Check --bucket, and the account and region of the environment',
  ],
  [
    aws('ResourceNotFoundException', 'Requested resource not found'),
    2,
    'AWS answered ResourceNotFoundException: Requested resource not found. Check --cursor-table, and the account and region of the environment',
  ],
  [
    Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    }),
    2,
    'AWS answered CredentialsProviderError: Could not load credentials from any providers. Check the AWS credentials of the environment',
  ],
  [new Error('Region is missing'), 2, 'AWS_REGION is not set: set it'],
  [
    aws('SlowDown', 'Please reduce your request rate.'),
    1,
    'AWS answered SlowDown: Please reduce your request rate. Try again later',
  ],
  [
    new Error('other', { cause: system('EROFS', "read-only file system, open '/a/b'") }),
    2,
    '/a/b: the file system is read-only: choose another folder',
  ],
  [new Error('two\nlines'), 1, 'two lines. Run the same command again; if that fails, too, report this line'],
])('%s is explained in one line with advice', (error, code, says) => {
  expect(explain(error)).toEqual({ code, message: `atlas-lake: ${says}` });
});
