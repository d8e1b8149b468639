import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { S3Error } from './errors.ts';
import {
  keyConflict,
  openIfPresent,
  preconditionFailed,
  putInPlace,
  removeEmpty,
  statOf,
  sync,
} from './files.ts';
import { type Metadata, MetadataFiles } from './metadata.ts';
import { Mutex } from './mutex.ts';
import { checkBucketName, checkKey } from './names.ts';

/** An object that is open for reading. The reader closes `handle`. */
export interface OpenObject {
  readonly handle: FileHandle;
  readonly file: BigIntStats;
  readonly metadata: Metadata;
}

/** What must be true of the existing object before another replaces it. */
export type Precondition = 'none' | 'absent' | { readonly md5: string };

/**
 * Stores objects as plain files, `<root>/<bucket>/<key>`. `<root>/.s3`, which is not a bucket, contains the rest:
 * metadata, and incomplete uploads.
 *
 * An upload is written to a separate file, synced, and moved to its place with one file system call. Readers, and a
 * restart after a crash, find either the old or the new object.
 */
export class Store {
  readonly #root: string;
  readonly #uploads: string;
  readonly #metadata: MetadataFiles;
  // Checking conditions, moving files and removing empty directories must not interleave.
  readonly #changes = new Mutex();

  private constructor(root: string) {
    this.#root = root;
    this.#uploads = path.join(root, '.s3', 'uploads');
    this.#metadata = new MetadataFiles(path.join(root, '.s3', 'metadata'));
  }

  /** Opens a root, which belongs to one store at a time. Removes the uploads that a crashed store left. */
  static async open(root: string): Promise<Store> {
    const store = new Store(path.resolve(root));
    await rm(store.#uploads, { recursive: true, force: true });
    await mkdir(store.#uploads, { recursive: true });
    return store;
  }

  async createBucket(bucket: string): Promise<void> {
    checkBucketName(bucket);
    await mkdir(path.join(this.#root, bucket), { recursive: true });
    await sync(this.#root);
  }

  /**
   * Returns the directory of a bucket.
   *
   * @throws {S3Error} NoSuchBucket
   */
  async bucketDirectory(bucket: string): Promise<string> {
    checkBucketName(bucket);
    const directory = path.join(this.#root, bucket);
    if (!(await statOf(directory))?.isDirectory()) {
      throw new S3Error('NoSuchBucket', 'The specified bucket does not exist.');
    }
    return directory;
  }

  /**
   * Opens an object.
   *
   * @throws {S3Error} NoSuchKey
   */
  async openObject(bucket: string, key: string): Promise<OpenObject> {
    const name = await this.#fileOf(bucket, key);
    const handle = await openIfPresent(name);
    if (handle === undefined) throw noSuchKey();
    try {
      const file = await handle.stat({ bigint: true });
      if (!file.isFile()) throw noSuchKey();
      return { handle, file, metadata: await this.#metadata.read(bucket, key, file, handle) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Stores an object: `write` fills a new file and returns the metadata, then that file replaces the object if the
   * precondition is true. Changes nothing when it throws.
   *
   * @throws {S3Error} PreconditionFailed, NoSuchKey (there is no object to compare with), KeyConflict
   */
  async putObject(
    bucket: string,
    key: string,
    precondition: Precondition,
    write: (handle: FileHandle) => Promise<Metadata>,
  ): Promise<Metadata> {
    const name = await this.#fileOf(bucket, key);
    const upload = path.join(this.#uploads, randomUUID());
    try {
      const handle = await open(upload, 'wx');
      let file: BigIntStats;
      let metadata: Metadata;
      try {
        metadata = await write(handle);
        await handle.sync();
        file = await handle.stat({ bigint: true });
      } finally {
        await handle.close();
      }
      await this.#changes.run(async () => {
        const replaced = await this.#checked(bucket, key, name, precondition);
        await this.#metadata.write(bucket, file, metadata);
        try {
          await putInPlace(upload, name, precondition !== 'absent');
        } catch (error) {
          await this.#metadata.remove(bucket, key, file);
          throw error;
        }
        if (replaced !== undefined) await this.#metadata.remove(bucket, key, replaced);
      });
      return metadata;
    } finally {
      await rm(upload, { force: true });
    }
  }

  /** Removes an object and the directories that become empty. Does nothing without such an object. */
  async deleteObject(bucket: string, key: string): Promise<void> {
    const name = await this.#fileOf(bucket, key);
    await this.#changes.run(async () => {
      const file = await statOf(name);
      if (!file?.isFile()) return;
      await rm(name);
      await this.#metadata.remove(bucket, key, file);
      await removeEmpty(path.dirname(name), path.join(this.#root, bucket));
    });
  }

  async #fileOf(bucket: string, key: string): Promise<string> {
    const directory = await this.bucketDirectory(bucket);
    checkKey(key);
    return path.join(directory, key);
  }

  /** Returns the object's current file, if the precondition is true for it. */
  async #checked(
    bucket: string,
    key: string,
    name: string,
    precondition: Precondition,
  ): Promise<BigIntStats | undefined> {
    const file = await statOf(name);
    if (file !== undefined && !file.isFile()) throw keyConflict();
    if (precondition === 'none') return file;
    if (precondition === 'absent') {
      if (file !== undefined) throw preconditionFailed('If-None-Match');
      return undefined;
    }
    const { handle, metadata } = await this.openObject(bucket, key);
    await handle.close();
    if (precondition.md5 !== metadata.md5) throw preconditionFailed('If-Match');
    return file;
  }
}

function noSuchKey(): S3Error {
  return new S3Error('NoSuchKey', 'The specified key does not exist.');
}
