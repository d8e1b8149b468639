import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { codecOfKey } from './compression.ts';
import { noteErasure } from './erasure-notes.ts';
import { ObjectStore, sha256Of, statusOf } from './object-store.ts';

export interface StoredObject {
  body: Buffer;
  /** Identifies this content among all that the key has or had. */
  etag: string;
}

/** Changes existing objects of the lake, for people. Not used by the functions, which only add objects. */
export class LakeRewriter {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /** Returns every key of a table. */
  async list(table: string): Promise<string[]> {
    const keys: string[] = [];
    const pages = paginateListObjectsV2({ client: this.#s3 }, { Bucket: this.#bucket, Prefix: `${table}/` });
    for await (const { Contents = [] } of pages) {
      for (const { Key } of Contents) if (Key !== undefined) keys.push(Key);
    }
    return keys;
  }

  async read(key: string): Promise<StoredObject> {
    const { Body, ETag } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
    if (!Body || ETag === undefined) throw new Error(`S3 returned ${key} without content`);
    return { body: Buffer.from(await Body.transformToByteArray()), etag: ETag };
  }

  /**
   * Replaces an object atomically if it has not changed since it was read, and records the erasure first.
   * Returns false if another writer was faster.
   */
  async replace(key: string, body: Buffer, { etag }: StoredObject): Promise<boolean> {
    await noteErasure(new ObjectStore(this.#s3, this.#bucket), key, sha256Of(body));
    try {
      await this.#s3.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: key,
          Body: body,
          ContentType: codecOfKey(key).contentType,
          ChecksumSHA256: sha256Of(body),
          IfMatch: etag,
        }),
      );
      return true;
    } catch (error) {
      // 409: another conditional PUT of the key was in progress.
      if (statusOf(error) === 409) return false;
      if (statusOf(error) !== 412) throw error;
      // Either an earlier attempt of this PUT succeeded and its response was lost, or another writer changed
      // the object.
      return (await this.read(key)).body.equals(body);
    }
  }
}
