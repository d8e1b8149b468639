import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Checksum, crc32c, crc64nvme } from './crc.ts';

const ALGORITHMS = {
  crc32: crc32Checksum,
  crc32c,
  crc64nvme,
  sha1: () => hash('sha1'),
  sha256: () => hash('sha256'),
};

/** A checksum that S3 stores with an object, as its headers name it. */
export type ChecksumAlgorithm = keyof typeof ALGORITHMS;

/** The checksum that S3 computes for an object without one. */
export const DEFAULT_CHECKSUM: ChecksumAlgorithm = 'crc64nvme';

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(ALGORITHMS, name);
}

/** Computes the digests of one body as it streams. */
export class Digests {
  readonly #checksums = new Map<ChecksumAlgorithm | 'md5', Checksum>([['md5', hash('md5')]]);
  readonly #digests = new Map<ChecksumAlgorithm | 'md5', Buffer>();

  /** Always includes MD5, which is the ETag. */
  constructor(algorithms: Iterable<ChecksumAlgorithm>) {
    for (const algorithm of algorithms) this.#checksums.set(algorithm, ALGORITHMS[algorithm]());
  }

  update(bytes: Buffer): void {
    for (const checksum of this.#checksums.values()) checksum.update(bytes);
  }

  /** Returns the digest of everything so far. No update may follow. */
  digest(algorithm: ChecksumAlgorithm | 'md5'): Buffer {
    const checksum = this.#checksums.get(algorithm);
    if (checksum === undefined) throw new Error(`${algorithm} was not requested`);
    const digest = this.#digests.get(algorithm) ?? checksum.digest();
    this.#digests.set(algorithm, digest);
    return digest;
  }
}

function hash(name: string): Checksum {
  const state = createHash(name);
  return {
    update: (bytes) => {
      state.update(bytes);
    },
    digest: () => state.digest(),
  };
}

function crc32Checksum(): Checksum {
  let value = 0;
  return {
    update(bytes) {
      value = crc32(bytes, value);
    },
    digest() {
      const digest = Buffer.alloc(4);
      digest.writeUInt32BE(value);
      return digest;
    },
  };
}
