import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { codecOfKey } from './compression.ts';

/**
 * Maximum attempts of a conditional PUT. S3 asks to repeat one that met another PUT of the same key (409
 * ConditionalRequestConflict).
 */
const CONFLICT_TRIES = 3;

/** Whether the object now exists with the wanted content, or already existed with other content. */
export type Creation = 'created' | 'exists';

/** The lake's bucket, with the operations that the commit protocol needs. */
export class ObjectStore {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /**
   * Writes an object that must not exist yet.
   * @throws {ObjectExistsError} if it exists with other bytes, because another run has overwritten it
   */
  async create(key: string, body: Buffer): Promise<void> {
    if ((await this.createUnlessExists(key, body)) === 'exists') throw new ObjectExistsError(key);
  }

  /** Writes an object unless the key exists with other bytes. */
  async createUnlessExists(key: string, body: Buffer): Promise<Creation> {
    const checksum = sha256Of(body);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#put(key, body, checksum, { IfNoneMatch: '*' });
        return 'created';
      } catch (error) {
        const status = statusOf(error);
        if (status === 409 && attempt < CONFLICT_TRIES) continue;
        if (status !== 412) throw error;
        // Either an earlier attempt of this PUT succeeded and its response was lost, or the key belongs to
        // another writer now.
        return (await this.#storedChecksum(key)) === checksum ? 'created' : 'exists';
      }
    }
  }

  /**
   * Empties an object of an abandoned batch, or creates it empty. It does not delete the object,
   * because an existing object blocks a PUT that the dead run may still have in flight. An object with bytes
   * other than `sha256` was not written by that batch and stays.
   *
   * @param sha256 what the batch announced, base64; null if it did not say, and then any bytes count as its
   *   own
   * @returns whether the object is empty now
   */
  async empty(key: string, sha256: string | null): Promise<boolean> {
    const { empty } = codecOfKey(key);
    if ((await this.createUnlessExists(key, empty)) === 'created') return true;
    if (sha256 !== null && (await this.#storedChecksum(key)) !== sha256) return false;
    // No other run writes this key now: the batch is abandoned, and S3 rejects its PUTs because the object
    // exists.
    await this.#put(key, empty, sha256Of(empty), {});
    return true;
  }

  /** Writes an object, whatever the key contains. Not for data of the lake. */
  async overwrite(key: string, body: Buffer): Promise<void> {
    await this.#put(key, body, sha256Of(body), {});
  }

  /** Returns an object's bytes; null if it does not exist. */
  async read(key: string): Promise<Buffer | null> {
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      if (!Body) throw new Error(`S3 returned ${key} without content`);
      return Buffer.from(await Body.transformToByteArray());
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
  }

  async exists(key: string): Promise<boolean> {
    try {
      await this.#s3.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }));
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  /** Returns the keys with a prefix that sort after `after`, in order. */
  async list(prefix: string, after?: string): Promise<string[]> {
    const keys: string[] = [];
    const pages = paginateListObjectsV2(
      { client: this.#s3 },
      { Bucket: this.#bucket, Prefix: prefix, ...(after !== undefined && { StartAfter: after }) },
    );
    for await (const { Contents = [] } of pages) {
      for (const { Key } of Contents) if (Key !== undefined) keys.push(Key);
    }
    return keys;
  }

  /** Returns the first key with a prefix that sorts after `after`; undefined if there is none. */
  async firstAfter(prefix: string, after: string): Promise<string | undefined> {
    const { Contents = [] } = await this.#s3.send(
      new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, StartAfter: after, MaxKeys: 1 }),
    );
    return Contents[0]?.Key;
  }

  /** Returns the names of the folders in a folder. @param prefix the folder, with a slash at its end */
  async listFolders(prefix: string): Promise<string[]> {
    const folders: string[] = [];
    const pages = paginateListObjectsV2(
      { client: this.#s3 },
      { Bucket: this.#bucket, Prefix: prefix, Delimiter: '/' },
    );
    for await (const { CommonPrefixes = [] } of pages) {
      for (const { Prefix } of CommonPrefixes)
        if (Prefix !== undefined) folders.push(Prefix.slice(prefix.length, -1));
    }
    return folders;
  }

  async #put(key: string, body: Buffer, checksum: string, condition: { IfNoneMatch?: '*' }): Promise<void> {
    await this.#s3.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Body: body,
        ContentType: codecOfKey(key).contentType,
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

/** Returns the SHA-256 of some bytes in the format of S3: base64. */
export function sha256Of(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('base64');
}

/**
 * A key of this batch holds the bytes of another writer: a later run has taken over, or the table was
 * restored.
 */
export class ObjectExistsError extends Error {
  override readonly name = 'ObjectExistsError';
  constructor(key: string) {
    super(`${key} exists with other content: another run has taken over`);
  }
}

/** Returns the HTTP status of an S3 error. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
