import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { noteErasure } from './erasure-notes.ts';
import { ObjectStore, sha256Of, statusOf } from './object-store.ts';

export interface StoredObject {
  body: Buffer;
  /** Tells this content from any other that the key has or had. */
  etag: string;
}

/** The lake as people change it afterwards. Not part of the functions, which only add. */
export class LakeRewriter {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /** Every key of a table. */
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
    if (!Body || ETag === undefined) throw new Error(`${key} was answered without content`);
    return { body: Buffer.from(await Body.transformToByteArray()), etag: ETag };
  }

  /**
   * Replaces an object in one step, if it still is what was read, and notes the erasure first. False when somebody else
   * was quicker.
   */
  async replace(key: string, body: Buffer, { etag }: StoredObject): Promise<boolean> {
    await noteErasure(new ObjectStore(this.#s3, this.#bucket), key, sha256Of(body));
    try {
      await this.#s3.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: key,
          Body: body,
          ContentType: 'application/gzip',
          ChecksumSHA256: sha256Of(body),
          IfMatch: etag,
        }),
      );
      return true;
    } catch (error) {
      // 409: another conditional PUT of the key was under way.
      if (statusOf(error) === 409) return false;
      if (statusOf(error) !== 412) throw error;
      // Either an attempt of this very PUT got through and its answer was lost, or it was somebody else.
      return (await this.read(key)).body.equals(body);
    }
  }
}
