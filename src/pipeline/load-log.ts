import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { indexLog, type LogIndex } from '../dmlog/log-index.ts';
import { openLogFile } from '../dmlog/log-source.ts';
import { readAcknowledgements, type Acknowledgements } from '../replay/acknowledged.ts';
import { settleInversions, type Settlement } from '../replay/inversion.ts';
import { markKind } from '../stores/mark-kind.ts';
import type { Recording } from './recording.ts';

/** What a recording's log says, without its payload. */
export interface LoadedLog {
  readonly index: LogIndex;
  readonly acknowledgements: Acknowledgements;
  readonly settlement: Settlement;
}

export function loadLog(recording: Recording): LoadedLog {
  const path = join(recording.folder, 'log');
  const source = openLogFile(path);
  const logFd = openSync(path, 'r');
  const finalFd = openSync(join(recording.folder, 'final.img'), 'r');
  try {
    const index = indexLog(source, { deviceBytes: recording.manifest.device.bytes });
    return {
      index,
      acknowledgements: readAcknowledgements(index, markKind),
      settlement: settleInversions(index, logFd, finalFd),
    };
  } finally {
    source.close();
    closeSync(logFd);
    closeSync(finalFd);
  }
}
