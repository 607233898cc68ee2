/** What there is to be said, and to be written out, of a disk that a power cut during recovery left: from the logs that findings keep. */
import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoints } from '../dmlog/barrier.ts';
import { indexLog, type LogIndex } from '../dmlog/log-index.ts';
import { openLogFile } from '../dmlog/log-source.ts';
import { UsageError } from '../errors.ts';
import type { Recording } from '../pipeline/recording.ts';
import { atEntry } from '../replay/crash-state.ts';
import { formatCrashPath, stateBefore, type CrashPath } from '../replay/crash-path.ts';
import { isDoubtful } from '../replay/doubtful.ts';
import { settleInversions } from '../replay/inversion.ts';
import { RollingImage } from '../replay/rolling-image.ts';

/** One recovery, as it was recorded when something was found. */
export interface KeptRecovery {
  /** The state that was recovered from. */
  readonly of: string;
  readonly log: string;
  readonly index: LogIndex;
  /** The last entry of its log that is on the disk. */
  readonly entry: number;
}

/**
 * The recoveries that lead to a state, the first one first.
 * @throws UsageError when a log was not kept, or has no barrier there
 */
export function keptRecoveries({ folder }: Pick<Recording, 'folder'>, path: CrashPath): KeptRecovery[] {
  const before = stateBefore(path);
  if (before === undefined) return [];
  return [...keptRecoveries({ folder }, before), keptRecovery(folder, path, formatCrashPath(before))];
}

function keptRecovery(folder: string, path: CrashPath, of: string): KeptRecovery {
  const log = join(folder, 'recoveries', `${of}.log`);
  const entry = path.recoveries.at(-1)!;
  if (!existsSync(log)) {
    throw new UsageError(
      `${formatCrashPath(path)}: ${log} is not there; the log of a recovery is kept when a state behind it is found ` +
        `wanting: powercut replay ${folder} --state ${formatCrashPath(path)}`,
    );
  }
  const source = openLogFile(log);
  try {
    const index = indexLog(source);
    if (crashPoints(index).includes(entry)) return { of, log, index, entry };
  } finally {
    source.close();
  }
  throw new UsageError(`${formatCrashPath(path)}: ${log} has no barrier at entry ${entry}`);
}

/** Rolls a disk on through a recovery, in its file. @throws UsageError when the log does not tell a block's content */
export function applyRecovery({ of, log, index, entry }: KeptRecovery, image: string): void {
  const logFd = openSync(log, 'r');
  const settlement = settleInversions(index, logFd, undefined);
  closeSync(logFd);
  if (isDoubtful(index, settlement, atEntry(entry))) {
    throw new UsageError(
      `${image} ends at ${of}: of the recovery from it, ${log} does not tell the content of every block`,
    );
  }
  const next = `${image}.recovering`;
  const rolling = new RollingImage({ base: image, log, index, corrections: settlement.corrections }, next);
  try {
    rolling.rollTo(entry);
    renameSync(next, image);
  } finally {
    rolling.close();
    rmSync(next, { force: true });
  }
}
