import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { indexLog } from '../dmlog/log-index.ts';
import { openLogFile } from '../dmlog/log-source.ts';
import type { ReplaySources } from '../replay/content-map.ts';
import { settleInversions } from '../replay/inversion.ts';
import type { OpenRequest } from './requests.ts';

/** What crash states are made from: a recording's base image, log and index, with the order of inverted writes settled. */
export function openSources({ folder, baseExtents }: Pick<OpenRequest, 'folder' | 'baseExtents'>): ReplaySources {
  const base = join(folder, 'base.img');
  const log = join(folder, 'log');
  const source = openLogFile(log);
  const logFd = openSync(log, 'r');
  const finalFd = openSync(join(folder, 'final.img'), 'r');
  try {
    const index = indexLog(source);
    return { base, baseExtents, log, index, corrections: settleInversions(index, logFd, finalFd).corrections };
  } finally {
    source.close();
    closeSync(logFd);
    closeSync(finalFd);
  }
}
