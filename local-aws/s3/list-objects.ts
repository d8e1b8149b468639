import { S3Error } from './errors.ts';
import type { S3Response } from './objects.ts';
import type { S3Request } from './request.ts';
import type { Store } from './store.ts';
import { compareBytes, walk } from './walk.ts';
import { document, element } from './xml.ts';

/** S3's maximum for one page. */
const LONGEST_PAGE = 1000;

interface Listing {
  readonly prefix: string;
  readonly delimiter: string;
  /**
   * Lists only what comes after this key, in byte order. If it is a common prefix, skips everything that starts with
   * it.
   */
  readonly after: string;
  readonly maxKeys: number;
}

interface Page {
  readonly keys: string[];
  readonly commonPrefixes: string[];
  /** The last key or common prefix of the page, if there is more. */
  readonly continueAfter: string | undefined;
}

/** Handles ListObjectsV2. */
export async function listObjects(store: Store, request: S3Request): Promise<S3Response> {
  const { bucket, query } = request;
  const directory = await store.bucketDirectory(bucket);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const listing = {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after: token === undefined ? (startAfter ?? '') : fromToken(token),
    maxKeys: maxKeysOf(query.get('max-keys')),
  };
  const encode = encoderOf(query.get('encoding-type'));
  const page = await readPage(directory, listing);
  // One at a time: opening all files of a page would exceed the limit of many systems.
  const contents: string[] = [];
  for (const key of page.keys) contents.push(...(await contentsOf(store, bucket, key, encode)));
  const prefixes = page.commonPrefixes.map((prefix) =>
    element('CommonPrefixes', [element('Prefix', encode(prefix))]),
  );
  const body = document('ListBucketResult', [
    element('Name', bucket),
    element('Prefix', encode(listing.prefix)),
    element('KeyCount', String(contents.length + prefixes.length)),
    element('MaxKeys', String(listing.maxKeys)),
    element('IsTruncated', String(page.continueAfter !== undefined)),
    ...optional('Delimiter', listing.delimiter === '' ? undefined : encode(listing.delimiter)),
    ...optional('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
    ...optional('EncodingType', query.get('encoding-type')),
    ...optional('ContinuationToken', token),
    ...optional(
      'NextContinuationToken',
      page.continueAfter === undefined ? undefined : toToken(page.continueAfter),
    ),
    ...contents,
    ...prefixes,
  ]);
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

async function readPage(directory: string, listing: Listing): Promise<Page> {
  const { prefix, after, maxKeys } = listing;
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  if (maxKeys === 0) return { keys, commonPrefixes, continueAfter: undefined };

  let last = after;
  let lastCommonPrefix = commonPrefixOf(after, listing) === after ? after : undefined;
  const depth = (directoryKey: string) => {
    if (!directoryKey.startsWith(prefix) && !prefix.startsWith(directoryKey)) return 'none';
    const isBegun = after.startsWith(directoryKey);
    if (!isBegun && compareBytes(directoryKey, after) <= 0) return 'none';
    if (lastCommonPrefix !== undefined && directoryKey.startsWith(lastCommonPrefix)) return 'none';
    return !isBegun && commonPrefixOf(directoryKey, listing) === directoryKey ? 'one' : 'all';
  };
  for await (const key of walk(directory, depth)) {
    if (!key.startsWith(prefix) || compareBytes(key, after) <= 0) continue;
    const commonPrefix = commonPrefixOf(key, listing);
    if (commonPrefix !== undefined && commonPrefix === lastCommonPrefix) continue;
    if (keys.length + commonPrefixes.length === maxKeys) return { keys, commonPrefixes, continueAfter: last };
    if (commonPrefix === undefined) keys.push(key);
    else commonPrefixes.push(commonPrefix);
    lastCommonPrefix = commonPrefix;
    last = commonPrefix ?? key;
  }
  return { keys, commonPrefixes, continueAfter: undefined };
}

/** Returns the key up to the first delimiter after the prefix, if there is one. */
function commonPrefixOf(key: string, { prefix, delimiter }: Listing): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/**
 * Returns the entry for an object. Returns nothing if it was deleted meanwhile, or if its file name is not a valid key.
 */
async function contentsOf(
  store: Store,
  bucket: string,
  key: string,
  encode: (text: string) => string,
): Promise<string[]> {
  try {
    const { handle, file, metadata } = await store.openObject(bucket, key);
    await handle.close();
    return [
      element('Contents', [
        element('Key', encode(key)),
        element('LastModified', new Date(Number(file.mtimeMs)).toISOString()),
        element('ETag', `"${metadata.md5}"`),
        element('Size', String(file.size)),
        element('StorageClass', 'STANDARD'),
      ]),
    ];
  } catch (error) {
    if (error instanceof S3Error) return [];
    throw error;
  }
}

function optional(name: string, text: string | undefined): string[] {
  return text === undefined ? [] : [element(name, text)];
}

function maxKeysOf(text: string | undefined): number {
  if (text === undefined) return LONGEST_PAGE;
  if (!/^\d{1,9}$/.test(text))
    throw new S3Error('InvalidArgument', 'Provided max-keys not an integer or within range');
  return Math.min(Number(text), LONGEST_PAGE);
}

function encoderOf(encodingType: string | undefined): (text: string) => string {
  if (encodingType === undefined) return (text) => text;
  if (encodingType !== 'url')
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request');
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
}

function toToken(last: string): string {
  return Buffer.from(last).toString('base64url');
}

function fromToken(token: string): string {
  const last = Buffer.from(token, 'base64url').toString();
  if (token === '' || toToken(last) !== token) {
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
  }
  return last;
}
