import { badLog } from './bad-log.ts';
import { EntryCursor } from './entry-cursor.ts';
import type { LogEntry } from './entry.ts';
import { SUPERBLOCK } from './layout.ts';
import type { LogSource } from './log-source.ts';
import { decodeSuperblock, type LogSuperblock } from './superblock.ts';

/**
 * The rule: a log is read exactly as far as its superblock counts, every header is proven on the way, and the first bad
 * one ends the reading with its entry number and byte. Memory stays at one header, whatever the log claims.
 *
 * Not covered: whether the log is complete (end mark, nonce marks, status) and whether base plus log equals the device.
 */
export interface ReadOptions {
  /** Size of the recorded device: entries beyond it are refused. Not judged when undefined. */
  readonly deviceBytes?: number | undefined;
}

/** @throws StepError `bad-log`. */
export function readSuperblock(source: LogSource): LogSuperblock {
  const bytes = Buffer.alloc(Math.min(source.sizeBytes, SUPERBLOCK.meaningfulBytes));
  source.read(bytes, 0);
  const superblock = decodeSuperblock(bytes, source.path);
  if (source.sizeBytes >= superblock.sectorBytes) return superblock;
  const reason = `the log ends at byte ${source.sizeBytes}, inside its first sector of ${superblock.sectorBytes} bytes`;
  throw badLog(source.path, 'superblock at byte 0', reason);
}

/** All counted entries, in log order. @throws StepError `bad-log` when the walk reaches something invalid. */
export function* readEntries(source: LogSource, options: ReadOptions = {}): Generator<LogEntry, void, undefined> {
  const superblock = readSuperblock(source);
  const cursor = new EntryCursor(source, superblock, options.deviceBytes);
  for (let index = 0; index < superblock.entryCount; index += 1) yield cursor.next();
}
