import { join } from 'node:path';
import type { WriteCost } from '../compare/mode.ts';
import { countEntries } from '../dmlog/log-counts.ts';
import { indexLog } from '../dmlog/log-index.ts';
import { openLogFile } from '../dmlog/log-source.ts';
import { readAcknowledgements } from '../replay/acknowledged.ts';
import { markKind } from '../stores/mark-kind.ts';
import type { Recording } from './recording.ts';

/**
 * What the workload cost, from its log. Set-up before `ready` does not count; what was left for the unmount does, or a
 * store would get cheaper by writing late.
 */
export function writeCostOf({ folder }: Pick<Recording, 'folder'>): WriteCost {
  const source = openLogFile(join(folder, 'log'));
  try {
    const index = indexLog(source);
    const { readyEntry = 0, entries } = readAcknowledgements(index, markKind);
    const { dataBytes, flushes, fuas } = countEntries(index, readyEntry);
    return { operations: entries.length, bytes: dataBytes, barriers: flushes + fuas };
  } finally {
    source.close();
  }
}
