import type { FilesResult } from '../engine/requests.ts';
import { openRequest } from './open-request.ts';
import { recordsRecoveries, type ReplayOptions } from './options.ts';
import type { Recording } from './recording.ts';
import { chooseReplayer, type Runner } from './runner.ts';
import { withDeadline } from './with-deadline.ts';

/** Opening a recording, mounting, reading all files once, unmounting. */
const DEADLINE_MS = 300_000;

/** Says where a recording's files are on the disk at a log entry (undefined: on the base image). */
export type FindFiles = (crashPoint: number | undefined) => Promise<FilesResult>;

export interface FileFinder {
  readonly find: FindFiles;
  /** The kernel that is asked, and that is to try the states too; chosen when it is first needed. */
  runner(): Promise<Runner>;
}

/** Nothing is started before somebody asks. @param signal ends the engine that is asked */
export function fileFinder(recording: Recording, options: ReplayOptions, signal: AbortSignal): FileFinder {
  let chosen: Promise<Runner> | undefined;
  const runner = (): Promise<Runner> =>
    (chosen ??= chooseReplayer(options, recording.manifest.filesystem.name, recordsRecoveries(options)));
  return {
    runner,
    find: async (crashPoint) => askEngine(await runner(), recording, options, crashPoint, signal),
  };
}

/** An engine only goes forward in the log, so this one is of no use for the states. */
async function askEngine(
  runner: Runner,
  recording: Recording,
  options: ReplayOptions,
  crashPoint: number | undefined,
  signal: AbortSignal,
): Promise<FilesResult> {
  const agent = await runner.start();
  const stop = (): void => agent.kill();
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    return await withDeadline(agent, DEADLINE_MS, async () => {
      await agent.call('open', openRequest(recording, options));
      return agent.call('files', { crashPoint: crashPoint ?? null });
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await agent.close();
  }
}
