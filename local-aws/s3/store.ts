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

/** An object that is open for reading; the reader closes `handle`. */
export interface OpenObject {
  readonly handle: FileHandle;
  readonly file: BigIntStats;
  readonly metadata: Metadata;
}

/** What must hold of the object that is there, for another to take its place. */
export type Precondition = 'none' | 'absent' | { readonly md5: string };

/**
 * Objects as plain files, `<root>/<bucket>/<key>`. What else has to be kept is in `<root>/.s3`, which is no
 * bucket: metadata, and uploads that have not arrived in full.
 *
 * An upload is written aside, synced, and then put in its place by one call to the file system, so that whoever
 * looks, and whenever the process dies, finds the object as it was or as it is to be.
 */
export class Store {
  readonly #root: string;
  readonly #uploads: string;
  readonly #metadata: MetadataFiles;
  // Conditions are checked, files put in place and empty directories removed without another coming between.
  readonly #changes = new Mutex();

  private constructor(root: string) {
    this.#root = root;
    this.#uploads = path.join(root, '.s3', 'uploads');
    this.#metadata = new MetadataFiles(path.join(root, '.s3', 'metadata'));
  }

  /** A root belongs to one store at a time: uploads found in it were left by one that died. */
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
   * The directory of a bucket.
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
   * Stores an object: `write` fills a file of its own and returns the metadata, then that file takes the object's
   * place if the precondition holds. When it throws, nothing has changed.
   * @throws {S3Error} PreconditionFailed, NoSuchKey (nothing there to compare with), KeyConflict
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

  /** Removes an object, and the directories that are empty without it. Without such an object, does nothing. */
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

  /** The file that is in the object's place, if the precondition holds of it. */
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
