/**
 * The rule: a log is a superblock sector, then entries back to back, each one header sector and its data. All integers
 * are little-endian, all positions are in log sectors (the logical block of the recorded device, never a fixed 512).
 * Source: Linux drivers/md/dm-log-writes.c, log version 1; QEMU's block/blklogwrites.c writes the same layout.
 *
 * Not covered: logs that kernels before 4.13 wrote for devices with sectors above 512 bytes. Those mix their units.
 */

/** 0x006a736677736872, as it lies on the disk: "rhswfsj\0". */
export const MAGIC_BYTES: Uint8Array = Uint8Array.of(0x72, 0x68, 0x73, 0x77, 0x66, 0x73, 0x6a, 0x00);

export const LOG_VERSION = 1;

/** Byte offsets inside the superblock. Bytes 28 to 31 are padding that the kernel does not clear. */
export const SUPERBLOCK = { magic: 0, version: 8, entryCount: 16, sectorBytes: 24, meaningfulBytes: 28 } as const;

/** Byte offsets inside an entry's header. What follows the four fields is mark text, or zero. */
export const HEADER = { sector: 0, sectorCount: 8, flags: 16, textLength: 24, text: 32 } as const;

/** Flag bits of an entry. `metadata` only says that the file system tagged the write; it changes nothing for us. */
export const FLAG = { flush: 1, fua: 2, discard: 4, mark: 8, metadata: 16 } as const;

export const KNOWN_FLAGS: number = FLAG.flush | FLAG.fua | FLAG.discard | FLAG.mark | FLAG.metadata;

/** The kernel writes this mark when the device is removed in good order. QEMU never does. */
export const END_MARK = 'dm-log-writes-end';

export const MIN_SECTOR_BYTES = 512;
/** QEMU allows any power of two below 16 MiB; the kernel stays at or below a page. */
export const MAX_SECTOR_BYTES: number = 8 * 1024 * 1024;

/** The header keeps one byte behind the text for its terminating NUL. */
export const maxMarkBytes = (sectorBytes: number): number => sectorBytes - HEADER.text - 1;
