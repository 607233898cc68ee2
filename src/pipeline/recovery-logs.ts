import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { giveToCaller } from '../host/caller.ts';
import type { Recording } from './recording.ts';

/** Beside a recording: the logs of recoveries of which a power cut showed a violation, `p347.log`. */
const FOLDER = 'recoveries';

/**
 * @param wanted whether recoveries are looked into at all
 * @param body is given undefined where nothing can be kept, such as in another user's recording
 */
export async function withRecoveryLogs<T>(
  { folder }: Recording,
  wanted: boolean,
  body: (logFolder: string | undefined) => Promise<T>,
): Promise<T> {
  const path = wanted ? makeFolder(join(folder, FOLDER)) : undefined;
  try {
    return await body(path);
  } finally {
    if (path !== undefined) removeIfEmpty(path);
  }
}

function makeFolder(path: string): string | undefined {
  try {
    mkdirSync(path, { recursive: true });
    giveToCaller(path);
    return path;
  } catch {
    return undefined;
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Something was kept, by this run or an earlier one.
    giveToCaller(path);
  }
}
