import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { Digests } from './checksums.ts';
import { isSystemError } from './errors.ts';

const metadataSchema = z.object({
  /** For people who look into the folder. */
  key: z.string(),
  /** The ETag, in hexadecimal. */
  md5: z.string().regex(/^[\da-f]{32}$/),
  checksum: z.object({
    algorithm: z.enum(['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256']),
    value: z.string(),
  }),
  /** Headers that are returned unchanged: content type and encoding, user metadata. */
  headers: z.record(z.string(), z.string()),
});

/** S3's information about an object besides its bytes. */
export type Metadata = z.infer<typeof metadataSchema>;

/**
 * Stores what a plain file cannot: one small file for each object, outside the buckets.
 *
 * The metadata file's name identifies the object's file by inode, modification time and size. So it can be written
 * before the object replaces an earlier one, and after a crash either object finds its own metadata; a file that was
 * changed by hand finds none. The name contains the key as a hash, because keys can be as long as file names, and
 * directories of each other.
 */
export class MetadataFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(bucket: string, file: BigIntStats, metadata: Metadata): Promise<void> {
    const name = this.#fileFor(bucket, metadata.key, file);
    await mkdir(path.dirname(name), { recursive: true });
    await writeFile(name, JSON.stringify(metadata));
  }

  /** Returns the metadata of an object. Computes it if none is stored. */
  async read(bucket: string, key: string, file: BigIntStats, handle: FileHandle): Promise<Metadata> {
    return (await this.#kept(bucket, key, file)) ?? (await compute(key, handle));
  }

  async remove(bucket: string, key: string, file: BigIntStats): Promise<void> {
    await rm(this.#fileFor(bucket, key, file), { force: true });
  }

  async #kept(bucket: string, key: string, file: BigIntStats): Promise<Metadata | undefined> {
    let text: string;
    try {
      text = await readFile(this.#fileFor(bucket, key, file), 'utf8');
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return undefined;
      throw error;
    }
    return parse(text);
  }

  #fileFor(bucket: string, key: string, file: BigIntStats): string {
    const hash = createHash('sha256').update(key).digest('hex');
    return path.join(this.#folder, bucket, `${hash}-${file.ino}-${file.mtimeNs}-${file.size}.json`);
  }
}

/** Returns undefined if a power failure left only a part of it. */
function parse(text: string): Metadata | undefined {
  try {
    return metadataSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function compute(key: string, handle: FileHandle): Promise<Metadata> {
  const digests = new Digests(['sha256']);
  const buffer = Buffer.alloc(256 * 1024);
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    digests.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return {
    key,
    md5: digests.digest('md5').toString('hex'),
    checksum: { algorithm: 'sha256', value: digests.digest('sha256').toString('base64') },
    headers: {},
  };
}
