import { S3Error } from './errors.ts';

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** S3's limit, in bytes of UTF-8. */
const LONGEST_KEY = 1024;

/** The limit of file systems, in bytes. */
const LONGEST_FILE_NAME = 255;

/**
 * Rejects names that S3 rejects. That includes every name that starts with a dot, so those directories are not buckets.
 *
 * @throws {S3Error} InvalidBucketName
 */
export function checkBucketName(bucket: string): void {
  if (!BUCKET.test(bucket)) {
    throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.');
  }
}

/**
 * Rejects keys that are not the path of a file within the bucket.
 *
 * @throws {S3Error} KeyTooLongError or InvalidArgument
 */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY) {
    throw new S3Error('KeyTooLongError', 'Your key is too long.');
  }
  if (key.includes('\0')) throw notAFile('it contains a NUL');
  for (const segment of key.split('/')) {
    if (segment === '') throw notAFile('it starts or ends with a slash, or has two in a row');
    if (segment === '.' || segment === '..') throw notAFile(`it has '${segment}' between slashes`);
    if (Buffer.byteLength(segment) > LONGEST_FILE_NAME) {
      throw notAFile(`it has more than ${LONGEST_FILE_NAME} bytes between slashes`);
    }
  }
}

function notAFile(reason: string): S3Error {
  return new S3Error(
    'InvalidArgument',
    `This server stores objects as files, and this key cannot be a file: ${reason}.`,
  );
}
