import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** A valid gzip member without content: what an object of a dead run is overwritten with. */
const EMPTY_GZIP = gzipSync(Buffer.alloc(0));

/** S3 asks to repeat a conditional PUT that met another one of the same key (409 ConditionalRequestConflict). */
const CONFLICT_TRIES = 3;

/** The lake's bucket, and the two writes that the commit protocol needs. */
export class ObjectStore {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /**
   * Writes an object that must not exist yet.
   * @throws {ObjectExistsError} when it exists with other bytes: another run has overwritten it.
   */
  async create(key: string, body: Buffer): Promise<void> {
    const checksum = createHash('sha256').update(body).digest('base64');
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#put(key, body, checksum, { IfNoneMatch: '*' });
        return;
      } catch (error) {
        const status = statusOf(error);
        if (status === 409 && attempt < CONFLICT_TRIES) continue;
        if (status !== 412) throw error;
        // Either an attempt of this very PUT got through and its answer was lost, or the key is no longer ours.
        if ((await this.#storedChecksum(key)) === checksum) return;
        throw new ObjectExistsError(key);
      }
    }
  }

  /**
   * Overwrites an object of a dead run with an empty one. Not a deletion: an existing object fences off a PUT
   * that the dead run may still have in flight.
   */
  async empty(key: string): Promise<void> {
    const checksum = createHash('sha256').update(EMPTY_GZIP).digest('base64');
    await this.#put(key, EMPTY_GZIP, checksum, {});
  }

  async #put(key: string, body: Buffer, checksum: string, condition: { IfNoneMatch?: '*' }): Promise<void> {
    await this.#s3.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Body: body,
        ContentType: 'application/gzip',
        ChecksumSHA256: checksum,
        ...condition,
      }),
    );
  }

  async #storedChecksum(key: string): Promise<string | undefined> {
    const head = await this.#s3.send(
      new HeadObjectCommand({ Bucket: this.#bucket, Key: key, ChecksumMode: 'ENABLED' }),
    );
    return head.ChecksumSHA256;
  }
}

/** A key that this batch announced holds somebody else's bytes: a later run has taken over. */
export class ObjectExistsError extends Error {
  override readonly name = 'ObjectExistsError';
  constructor(key: string) {
    super(`${key} exists with other content: another run has taken over`);
  }
}

/** The HTTP status of an error that S3 answered with. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
