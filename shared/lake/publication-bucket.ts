import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ObjectStore } from './object-store.ts';

/** An object as a listing shows it. */
export interface ListedObject {
  key: string;
  bytes: number;
  /** By S3's clock, ms. */
  writtenAt: number;
}

/**
 * The lake's bucket as the publication uses it: it also lists by page and by folder, and deletes its own objects. No function
 * that collects may delete, so none contains this.
 */
export class PublicationBucket extends ObjectStore {
  readonly #s3: S3Client;
  readonly #bucket: string;

  constructor(s3: S3Client, bucket: string) {
    super(s3, bucket);
    this.#s3 = s3;
    this.#bucket = bucket;
  }

  /** Returns the first keys with a prefix that sort after `after`, in order, and whether there are more. */
  async listPage(
    prefix: string,
    { after, max }: { after?: string | undefined; max: number },
  ): Promise<{ objects: ListedObject[]; hasMore: boolean }> {
    const { Contents = [], IsTruncated = false } = await this.#s3.send(
      new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: prefix,
        MaxKeys: max,
        ...(after !== undefined && { StartAfter: after }),
      }),
    );
    const objects = Contents.map(({ Key = '', Size = 0, LastModified }) => ({
      key: Key,
      bytes: Size,
      writtenAt: LastModified?.getTime() ?? 0,
    }));
    return { objects, hasMore: IsTruncated };
  }

  /** Returns the folders directly below a prefix, without their slashes, in order. */
  async folders(prefix: string): Promise<string[]> {
    const names: string[] = [];
    const pages = paginateListObjectsV2(
      { client: this.#s3 },
      { Bucket: this.#bucket, Prefix: prefix, Delimiter: '/' },
    );
    for await (const { CommonPrefixes = [] } of pages) {
      for (const { Prefix = '' } of CommonPrefixes) names.push(Prefix.slice(prefix.length, -1));
    }
    return names;
  }

  /** Deletes an object, or does nothing if there is none. Not for data of the lake. */
  async remove(key: string): Promise<void> {
    await this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
  }
}
