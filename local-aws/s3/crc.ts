/** A checksum that accepts its input piece by piece. */
export interface Checksum {
  update(bytes: Buffer): void;
  digest(): Buffer;
}

const CRC32C_POLYNOMIAL = 0x82f63b78n;
const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

const crc32cTable = Int32Array.from(table(CRC32C_POLYNOMIAL), (entry) => Number(BigInt.asIntN(32, entry)));

/** Returns the Castagnoli CRC, which node:zlib does not have. */
export function crc32c(): Checksum {
  let crc = -1;
  return {
    update(bytes) {
      for (const byte of bytes) crc = (crc >>> 8) ^ entry(crc32cTable, crc ^ byte);
    },
    digest() {
      const digest = Buffer.alloc(4);
      digest.writeInt32BE(~crc);
      return digest;
    },
  };
}

// In halves, because numbers have 53 bits and BigInts are slow.
const crc64 = table(CRC64NVME_POLYNOMIAL);
const crc64Low = Int32Array.from(crc64, (entry) => Number(BigInt.asIntN(32, entry)));
const crc64High = Int32Array.from(crc64, (entry) => Number(BigInt.asIntN(32, entry >> 32n)));

/** Returns CRC-64/NVME, the checksum that S3 computes for objects without one. */
export function crc64nvme(): Checksum {
  let low = -1;
  let high = -1;
  return {
    update(bytes) {
      for (const byte of bytes) {
        const index = low ^ byte;
        low = ((low >>> 8) | (high << 24)) ^ entry(crc64Low, index);
        high = (high >>> 8) ^ entry(crc64High, index);
      }
    },
    digest() {
      const digest = Buffer.alloc(8);
      digest.writeInt32BE(~high, 0);
      digest.writeInt32BE(~low, 4);
      return digest;
    },
  };
}

function entry(values: Int32Array, index: number): number {
  return values[index & 0xff] ?? 0;
}

/** Returns the remainders of all bytes, for a polynomial in reversed bit order. */
function table(polynomial: bigint): bigint[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let remainder = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = remainder & 1n ? (remainder >> 1n) ^ polynomial : remainder >> 1n;
    }
    return remainder;
  });
}
