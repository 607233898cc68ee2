import { badLog } from './bad-log.ts';
import { LOG_VERSION, MAGIC_BYTES, MAX_SECTOR_BYTES, MIN_SECTOR_BYTES, SUPERBLOCK } from './layout.ts';
import { readU64, writeU64 } from './u64.ts';

/**
 * The rule: the first sector names the format, the sector size, and how many entries count. Only bytes 0 to 27 mean
 * anything: the kernel copies its C struct with four bytes of uninitialised tail padding, so those may hold anything.
 *
 * Not covered: whether the count is up to date. The kernel refreshes it only after an entry with FUA or MARK and at
 * removal, and a log that ran full keeps an old one; log-index.ts reports entries behind the count.
 */
export interface LogSuperblock {
  readonly version: 1;
  /** Entries that count, 0 to 2^53 - 1. Claimed, not proven. */
  readonly entryCount: number;
  /** Bytes in a log sector: a power of two, 512 to 8 MiB. */
  readonly sectorBytes: number;
}

/**
 * @param bytes at least the first 28 bytes of the log.
 * @param path for the message.
 * @throws StepError `bad-log`.
 */
export function decodeSuperblock(bytes: Buffer, path: string): LogSuperblock {
  if (bytes.length < SUPERBLOCK.meaningfulBytes) {
    throw badLog(path, 'superblock at byte 0', `the log ends after ${bytes.length} bytes, inside its superblock`);
  }
  demandMagic(bytes, path);
  demandVersion(readU64(bytes, SUPERBLOCK.version), path);
  return {
    version: LOG_VERSION,
    entryCount: safeEntryCount(readU64(bytes, SUPERBLOCK.entryCount), path),
    sectorBytes: legalSectorBytes(bytes.readUInt32LE(SUPERBLOCK.sectorBytes), path),
  };
}

/** @returns one log sector. */
export function encodeSuperblock(superblock: LogSuperblock): Buffer {
  const bytes = Buffer.alloc(superblock.sectorBytes);
  bytes.set(MAGIC_BYTES, SUPERBLOCK.magic);
  writeU64(bytes, superblock.version, SUPERBLOCK.version);
  writeU64(bytes, superblock.entryCount, SUPERBLOCK.entryCount);
  bytes.writeUInt32LE(superblock.sectorBytes, SUPERBLOCK.sectorBytes);
  return bytes;
}

/** A power of two, since every position in the log is a multiple of it and devices know no other block size. */
export function isSectorBytes(value: number): boolean {
  const inRange = value >= MIN_SECTOR_BYTES && value <= MAX_SECTOR_BYTES;
  return Number.isInteger(value) && inRange && (value & (value - 1)) === 0;
}

function demandMagic(bytes: Buffer, path: string): void {
  const found = bytes.subarray(SUPERBLOCK.magic, SUPERBLOCK.magic + MAGIC_BYTES.length);
  if (found.equals(MAGIC_BYTES)) return;
  // The kernel writes no superblock before the first FUA, mark or removal: all zeros is how an unused log looks.
  const hint = found.every((byte) => byte === 0)
    ? 'it is all zeros: nothing was logged, or the device was not removed yet'
    : `found ${found.toString('hex')}, expected ${Buffer.from(MAGIC_BYTES).toString('hex')}`;
  throw badLog(path, 'superblock, magic at byte 0', `this is no dm-log-writes log, ${hint}`);
}

function demandVersion(version: number, path: string): void {
  if (version === LOG_VERSION) return;
  throw badLog(path, `superblock, version at byte ${SUPERBLOCK.version}`, `its version is not 1, the only one known`);
}

function safeEntryCount(count: number, path: string): number {
  if (Number.isSafeInteger(count)) return count;
  throw badLog(path, `superblock, entry count at byte ${SUPERBLOCK.entryCount}`, 'the count is above 2^53 - 1');
}

function legalSectorBytes(sectorBytes: number, path: string): number {
  if (isSectorBytes(sectorBytes)) return sectorBytes;
  throw badLog(
    path,
    `superblock, sector size at byte ${SUPERBLOCK.sectorBytes}`,
    `${sectorBytes} is no power of two from ${MIN_SECTOR_BYTES} to ${MAX_SECTOR_BYTES}`,
  );
}
