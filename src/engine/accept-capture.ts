/**
 * Nothing is judged on a log that cannot be trusted. A capture is accepted only if every header validates, the nonce marks
 * stand at both ends, the kernel ended the log itself, logging was never switched off, a flush was the last I/O, and the
 * base image with the whole log applied equals the device byte for byte (discarded ranges aside, whose content nobody
 * promises). dm-log-writes stops logging without a word when its device is full or fails, and reorders the tail of a log
 * that ends unflushed; each of these checks has caught one of its ways to be wrong.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { indexLog, type LogIndex } from '../dmlog/log-index.ts';
import { FLAG } from '../dmlog/layout.ts';
import { openLogFile } from '../dmlog/log-source.ts';
import { StepError } from '../errors.ts';
import { nonZeroRuns } from '../host/sparse.ts';
import type { Extent } from '../host/sys/file.ts';
import { settleInversions } from '../replay/inversion.ts';
import { RollingImage } from '../replay/rolling-image.ts';
import { endMark, startMark } from '../stores/mark-text.ts';

export interface CaptureFiles {
  /** Recording folder; holds base.img. */
  readonly folder: string;
  /** Where base.img holds data, if that is known. */
  readonly baseExtents?: readonly Extent[];
  readonly nonce: string;
  /** Size of the recorded device. */
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  /** Content of the data device at the end, and of the log device. */
  readonly data: string;
  readonly log: string;
  /** The target's status line, taken before it was removed. */
  readonly status: string;
  /** A folder for one more image. */
  readonly scratch: string;
}

/** @throws StepError (`capture-refused`) that says why; @returns the bytes that the log takes on its device */
export function acceptCapture(files: CaptureFiles): { readonly logBytes: number } {
  if (files.status.includes('logging_disabled')) {
    throw refused(
      `the kernel stopped logging (status: ${files.status}): the log outgrew the memory that this machine has for it; ` +
        'use a shorter workload, or a guest with more memory (--vm-memory)',
    );
  }
  const source = openLogFile(files.log);
  let index: LogIndex;
  try {
    index = indexLog(source, { deviceBytes: files.sizeBytes });
  } finally {
    source.close();
  }
  checkShape(index, files);
  checkContent(index, files);
  return { logBytes: endOfLog(index) };
}

function checkShape(index: LogIndex, files: CaptureFiles): void {
  const { marks, entryCount, flags } = index;
  if (index.sectorBytes !== files.sectorBytes) {
    throw refused(`the log's sectors are ${index.sectorBytes} bytes, the device's ${files.sectorBytes}`);
  }
  if (!index.endMark) throw refused('its last entry is not the mark dm-log-writes-end: the log is cut short');
  const first = marks.count > 0 && marks.entryAt(0) === 0 ? marks.textAt(0) : undefined;
  if (first !== startMark(files.nonce))
    throw refused(`it does not start with this run's mark ${startMark(files.nonce)}`);
  const last = marks.count - 2;
  const end = last >= 0 && marks.entryAt(last) === entryCount - 2 ? marks.textAt(last) : undefined;
  if (end !== endMark(files.nonce))
    throw refused(`this run's mark ${endMark(files.nonce)} is not its last but one entry`);
  if (!(flags[entryCount - 3]! & FLAG.flush))
    throw refused('its last I/O is not a flush: the order of its tail is unknown');
}

function checkContent(index: LogIndex, files: CaptureFiles): void {
  const logFd = openSync(files.log, 'r');
  const dataFd = openSync(files.data, 'r');
  const base = join(files.folder, 'base.img');
  const work = join(files.scratch, 'verify.img');
  try {
    const { corrections } = settleInversions(index, logFd, dataFd);
    const image = new RollingImage({ ...files, base, index, corrections }, work);
    image.rollTo(index.entryCount - 1);
    const difference = firstDifference(image.fd, work, dataFd, files, discardedSectors(index, files.sizeBytes));
    image.close();
    if (difference !== undefined) {
      throw refused(
        `base image + log differs from the recorded device at byte ${difference}: the log is not the whole truth`,
      );
    }
  } finally {
    closeSync(logFd);
    closeSync(dataFd);
  }
}

/** One byte a sector of the device: 1 where the last that the log did to it was to discard it. */
function discardedSectors(index: LogIndex, sizeBytes: number): Uint8Array {
  const discarded = new Uint8Array(sizeBytes / index.sectorBytes);
  for (let entry = 0; entry < index.entryCount; entry++) {
    const start = index.sectors[entry]!;
    discarded.fill(index.flags[entry]! & FLAG.discard ? 1 : 0, start, start + index.sectorCounts[entry]!);
  }
  return discarded;
}

/** Compares every block that is not zero in one of the two; @returns the first byte that differs, discarded ones aside */
function firstDifference(
  leftFd: number,
  left: string,
  rightFd: number,
  files: CaptureFiles,
  discarded: Uint8Array,
): number | undefined {
  for (const [fromFd, name, otherFd] of [
    [leftFd, left, rightFd],
    [rightFd, files.data, leftFd],
  ] as const) {
    const other = Buffer.alloc(1 << 20);
    for (const { offsetBytes, bytes } of nonZeroRuns(fromFd, name)) {
      readSync(otherFd, other, 0, bytes.length, offsetBytes);
      if (bytes.compare(other, 0, bytes.length) === 0) continue;
      for (let i = 0; i < bytes.length; i++) {
        const at = offsetBytes + i;
        if (bytes[i] !== other[i] && !discarded[Math.floor(at / files.sectorBytes)]) return at;
      }
    }
  }
  return undefined;
}

function endOfLog(index: LogIndex): number {
  // The end mark has no data: the log ends with its header sector.
  return index.headerOffsetsBytes[index.entryCount - 1]! + index.sectorBytes;
}

function refused(why: string): StepError {
  return new StepError('capture-refused', `the recording cannot be trusted and was thrown away: ${why}`);
}
