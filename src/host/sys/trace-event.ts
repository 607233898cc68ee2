/**
 * The tracepoint `block:block_bio_queue`: passed once for every request that a file system, or a reader of the device,
 * hands to the block layer, before it is split or merged (submit_bio_noacct_nocheck() of block/blk-core.c). Where its
 * fields lie differs between kernels and stands in the event's `format` file (Documentation/trace/events.rst).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnavailableError } from '../../errors.ts';

/** The kernel counts sectors of a tracepoint in units of 512 bytes, whatever the device's logical block is. */
export const TRACED_SECTOR_BYTES = 512;

export const EVENT_FOLDER = 'events/block/block_bio_queue';

/** Byte offsets in the event's record. */
export interface BioQueueEvent {
  readonly id: number;
  /** u32, see `tracedDevice`. */
  readonly deviceAt: number;
  /** u64. */
  readonly sectorAt: number;
  /** u32. */
  readonly sectorCountAt: number;
  /**
   * Text. blk_fill_rwbs() of kernel/trace/blktrace.c: `F` first for a flush before the data, then `W` write, `R` read,
   * `D` discard, `N` everything else, zeroing among them. So only a leading `R` is a read.
   */
  readonly operationAt: number;
}

/** `R`, the first letter of a read and of nothing else. */
export const READ_LETTER = 0x52;

/** MKDEV() of include/linux/kdev_t.h, the kernel's own form; not the one that stat(2) gives. */
export const tracedDevice = ({ major, minor }: { major: number; minor: number }): number => major * 2 ** 20 + minor;

/** @param root of a tracefs. @throws UnavailableError when this kernel has not this event or has it otherwise */
export function readBioQueueEvent(root: string): BioQueueEvent {
  const path = join(root, EVENT_FOLDER, 'format');
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UnavailableError(`no readable tracepoint block:block_bio_queue (${code})`, { cause: error });
  }
  return parseBioQueueEvent(text);
}

/** @throws UnavailableError when a field is missing, has another size than expected or is not aligned */
export function parseBioQueueEvent(format: string): BioQueueEvent {
  const id = /^ID: (\d+)$/m.exec(format)?.[1];
  if (id === undefined) throw new UnavailableError('the format of block:block_bio_queue has no "ID:" line');
  return {
    id: Number(id),
    deviceAt: fieldOffset(format, 'dev', 4),
    sectorAt: fieldOffset(format, 'sector', 8),
    sectorCountAt: fieldOffset(format, 'nr_sector', 4),
    operationAt: fieldOffset(format, 'rwbs', undefined),
  };
}

/** @param sizeBytes undefined for text, of which one byte is read */
function fieldOffset(format: string, name: string, sizeBytes: number | undefined): number {
  const pattern = new RegExp(`^\\s*field:[^;]*\\b${name}(?:\\[\\d+\\])?;\\s*offset:(\\d+);\\s*size:(\\d+);`, 'm');
  const match = pattern.exec(format);
  if (!match) throw new UnavailableError(`the format of block:block_bio_queue has no field "${name}"`);
  const [offset, size] = [Number(match[1]), Number(match[2])];
  // The first 8 bytes are the same in every event and closed to BPF programs.
  const expected = sizeBytes === undefined ? size > 0 : size === sizeBytes && offset % size === 0;
  if (expected && offset >= 8) return offset;
  throw new UnavailableError(
    `field "${name}" of block:block_bio_queue is of ${size} bytes at ${offset}: not as expected`,
  );
}
