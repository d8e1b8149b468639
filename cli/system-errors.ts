import { oneLine } from '../shared/one-line.ts';
import { EXIT } from './failure.ts';

/** What a person can do about an error, and the exit code. */
export interface Advice {
  says: string;
  code: number;
}

const AGAIN = 'then run the same command again';

/** Errors of the operating system, by their codes. */
const SYSTEM: Readonly<Record<string, { what: string; todo: string; code: number }>> = {
  ENOSPC: { what: 'the disk is full', todo: `make room, ${AGAIN}`, code: EXIT.incomplete },
  EDQUOT: { what: 'the disk quota is used up', todo: `make room, ${AGAIN}`, code: EXIT.incomplete },
  EFBIG: {
    what: 'a file would be larger than allowed',
    todo: 'raise the limit (ulimit -f)',
    code: EXIT.incomplete,
  },
  EIO: {
    what: 'the disk has an error',
    todo: 'check the disk, and its limits (ulimit -f)',
    code: EXIT.incomplete,
  },
  EMFILE: { what: 'too many files are open', todo: 'raise the limit (ulimit -n)', code: EXIT.incomplete },
  EACCES: {
    what: 'there is no permission',
    todo: 'check who may write there, or choose another place',
    code: EXIT.usage,
  },
  EPERM: {
    what: 'there is no permission',
    todo: 'check who may write there, or choose another place',
    code: EXIT.usage,
  },
  EROFS: { what: 'the file system is read-only', todo: 'choose another folder', code: EXIT.usage },
  ENOTDIR: { what: 'a part of the path is no folder', todo: 'choose another folder', code: EXIT.usage },
  EEXIST: { what: 'a part of the path is no folder', todo: 'choose another folder', code: EXIT.usage },
  EISDIR: { what: 'it is a folder', todo: 'choose another file', code: EXIT.usage },
  ENOENT: { what: 'it does not exist', todo: 'choose another', code: EXIT.usage },
  EADDRINUSE: {
    what: 'the port is in use',
    todo: 'choose another with --port; 0 picks a free one',
    code: EXIT.usage,
  },
  ENOTFOUND: { what: 'the host is unknown', todo: 'check the address and the network', code: EXIT.usage },
  SQLITE_NOTADB: {
    what: 'the database of the cursors is damaged',
    todo: "restore the folder .cursors from a copy, or move it away: then the next collect rebuilds it from the lake's commit records",
    code: EXIT.usage,
  },
  ECONNREFUSED: { what: 'nothing answers at the address', todo: 'check the address', code: EXIT.usage },
};

/** EACCES for a port. */
const PRIVILEGED_PORT = {
  what: 'it is reserved for the administrator',
  todo: 'choose another with --port; 0 picks a free one',
  code: EXIT.usage,
};

/** What to do about the other errors of the system. */
const OTHER = `check the path or address, ${AGAIN}`;

/** Messages of SQLite and DuckDB, whose errors have no code of the operating system. */
const MESSAGES: ReadonlyArray<[RegExp, string]> = [
  [/database or disk is full|No space left on device/, 'ENOSPC'],
  [/"[^"]+": File too large|File size limit exceeded/, 'EFBIG'],
  [/disk I\/O error/, 'EIO'],
  [/readonly database|unable to open database file/, 'EACCES'],
  [/not a valid SQLite database|file is not a database|disk image is malformed/, 'SQLITE_NOTADB'],
];

/** Returns what to do about an error of the operating system, or of something that names one; undefined for others. */
export function systemAdvice(error: unknown): Advice | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    const code = codeOf(one);
    const isPort = 'port' in one && code === 'EACCES';
    const known = isPort ? PRIVILEGED_PORT : code === undefined ? undefined : SYSTEM[code];
    if (known !== undefined) return { says: `${placeOf(one)}${known.what}: ${known.todo}`, code: known.code };
    if (isSystemError(one))
      return { says: `${placeOf(one)}${saidBySystem(one)}: ${OTHER}`, code: EXIT.incomplete };
  }
  return undefined;
}

/** Tells whether Node passes on what the operating system refused. */
function isSystemError(error: Error): boolean {
  return 'syscall' in error && 'errno' in error;
}

/** Returns what the system said, from a message such as "ENAMETOOLONG: name too long, stat '/a'". */
function saidBySystem({ message }: Error): string {
  return oneLine(/^E[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message);
}

function codeOf(error: Error): string | undefined {
  if ('code' in error && typeof error.code === 'string' && error.code in SYSTEM) return error.code;
  // The stand-ins of AWS pass messages on, without their codes.
  const said = /\b(E[A-Z]{3,}): /.exec(error.message)?.[1];
  return said ?? MESSAGES.find(([pattern]) => pattern.test(error.message))?.[1];
}

/** Returns the path or address that the error names, as the start of a sentence. */
function placeOf(error: Error): string {
  if ('path' in error && typeof error.path === 'string') return `${error.path}: `;
  if ('port' in error && typeof error.port === 'number') return `port ${error.port}: `;
  const quoted =
    /'([^']+)'|file "([^"]+)"/.exec(error.message)?.slice(1).find(Boolean) ??
    /^Cannot lock (.*): /.exec(error.message)?.[1];
  return quoted === undefined ? '' : `${quoted}: `;
}

/** Errors of AWS that the user can fix, by a part of their names. */
const AWS: ReadonlyArray<[RegExp, string]> = [
  [/^NoSuchBucket$|^NotFound$/, 'check --bucket, and the account and region of the environment'],
  [/^ResourceNotFoundException$/, 'check --cursor-table, and the account and region of the environment'],
  [/^PermanentRedirect$|^AuthorizationHeaderMalformed$/, 'check AWS_REGION: the bucket is in another region'],
  [/^AccessDenied|^Forbidden$|^UnauthorizedOperation$/, 'check the permissions of the AWS credentials'],
  [
    /^CredentialsProviderError$|^InvalidAccessKeyId$|^SignatureDoesNotMatch$|^UnrecognizedClient|^ExpiredToken|^InvalidClientTokenId$|^TokenProviderError$|^IncompleteSignature/,
    'check the AWS credentials of the environment',
  ],
  [/^InvalidBucketName$|^ValidationException$/, 'check --bucket and --cursor-table'],
  [/^InvalidRequestException$/, 'check --work-group and --database'],
];

/** Returns what to do about an error of an AWS client; undefined for others. */
export function awsAdvice(error: unknown): Advice | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message === 'Region is missing')
    return { says: 'AWS_REGION is not set: set it', code: EXIT.usage };
  const todo = AWS.find(([pattern]) => pattern.test(error.name))?.[1];
  const isAws = '$metadata' in error || error.name.endsWith('ProviderError');
  if (!isAws && todo === undefined) return undefined;
  const message = `AWS answered ${error.name}: ${oneLine(error.message)}`.replace(/\.$/, '');
  if (todo === undefined) return { says: `${message}. Try again later`, code: EXIT.incomplete };
  return { says: `${message}. ${todo.charAt(0).toUpperCase()}${todo.slice(1)}`, code: EXIT.usage };
}
