import { openSync, closeSync } from 'node:fs';
import { indexLog, type LogIndex } from '../../src/dmlog/log-index.ts';
import { logInMemory, openLogFile } from '../../src/dmlog/log-source.ts';
import type { NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { writeLog, writeLogFile } from '../../src/dmlog/writer.ts';
import { settleInversions, type Settlement } from '../../src/replay/inversion.ts';

export const SECTOR = 512;

/** Sectors of one letter. */
export const sectors = (letter: string, count = 1): Buffer => Buffer.alloc(count * SECTOR, letter);

export function indexOf(entries: readonly NewLogEntry[]): LogIndex {
  return indexLog(logInMemory(writeLog(entries, { sectorBytes: SECTOR })));
}

export function indexFile(path: string): LogIndex {
  const source = openLogFile(path);
  try {
    return indexLog(source);
  } finally {
    source.close();
  }
}

export function writeAndIndex(path: string, entries: readonly NewLogEntry[]): LogIndex {
  writeLogFile(path, entries, { sectorBytes: SECTOR });
  return indexFile(path);
}

/** @param final path of the device's last content; undefined when it is not known */
export function settle(index: LogIndex, log: string, final: string | undefined): Settlement {
  const logFd = openSync(log, 'r');
  const finalFd = final === undefined ? undefined : openSync(final, 'r');
  try {
    return settleInversions(index, logFd, finalFd);
  } finally {
    closeSync(logFd);
    if (finalFd !== undefined) closeSync(finalFd);
  }
}
