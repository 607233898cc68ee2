import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { IoErrorResult, RecordResult } from '../engine/requests.ts';
import { openLogFile } from '../dmlog/log-source.ts';
import { indexLog } from '../dmlog/log-index.ts';
import { countEntries } from '../dmlog/log-counts.ts';
import { renameDurably, syncPath } from '../host/durable.ts';
import { giveToCaller, makeCallersFolder } from '../host/caller.ts';
import { ownerName } from '../host/owner.ts';
import { messageOf, UsageError } from '../errors.ts';
import type { RunEvent } from '../report/events.ts';
import type { IoErrorSpec } from '../stores/io-error-spec.ts';
import { VERSION } from '../host/version.ts';
import { keepHistory } from './keep-history.ts';
import type { Manifest } from './manifest.ts';
import type { RecordOptions } from './options.ts';
import { hashFiles, saveManifest, summarise, type Recording } from './recording.ts';
import { chooseRecorder, type Runner } from './runner.ts';

/**
 * Records a workload: chooses a kernel, has its engine record into a folder with a temporary name, and gives the folder
 * its name when everything in it is on the disk.
 * @throws whatever kept the recording from being made or trusted; nothing of it is left then
 */
export async function recordWorkload(
  options: RecordOptions,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<Recording> {
  const runner = await chooseRecorder(options, options.filesystem.name, options.ioError !== undefined);
  const id = newId();
  const parent = join(resolve(options.outFolder), 'recordings');
  const partial = join(parent, `.${ownerName()}`);
  const folder = join(parent, id);
  makeFolder(partial, options.outFolder);
  try {
    emit({ type: 'record-start', filesystem: options.filesystem.text, runner: runner.description });
    const nonce = randomBytes(8).toString('hex');
    const result = await recordWith(runner, options, partial, nonce, emit, signal);
    if (options.ioError && result.ioError) emit(ioErrorNote(options.ioError, result.ioError));
    const operations = keepHistory(partial);
    const manifest = makeManifest(id, nonce, options, runner, { ...result, operations }, partial);
    saveManifest(partial, manifest);
    for (const name of ['transcript.txt', 'stderr.txt']) syncPath(join(partial, name));
    renameDurably(partial, folder);
    giveToCaller(folder);
    emit({
      type: 'record-end',
      recording: { ...summarise({ folder, manifest }), folder },
      durationMs: result.durationMs,
    });
    return { folder, manifest };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function recordWith(
  runner: Runner,
  options: RecordOptions,
  folder: string,
  nonce: string,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<RecordResult> {
  signal.throwIfAborted();
  const agent = await runner.start(folder);
  const stop = (): void => void agent.close();
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    return await agent.call('record', request(options, folder, nonce), ({ phase }) =>
      emit({ type: 'record-phase', phase }),
    );
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', stop);
    await agent.close();
  }
}

function ioErrorNote({ text }: IoErrorSpec, { failedWrites, workloadEnd }: IoErrorResult): RunEvent {
  const end = workloadEnd === undefined ? '' : `; the workload then failed, which it may: ${workloadEnd}`;
  return { type: 'note', text: `--io-error ${text}: writes that failed: ${failedWrites}${end}` };
}

function request(options: RecordOptions, folder: string, nonce: string) {
  const { filesystem, sizeBytes, sectorBytes, setup, workload, workloadTimeoutMs, ioError, cwd, env } = options;
  return {
    folder,
    nonce,
    filesystem: filesystem.name,
    mountOptions: filesystem.mountOptions,
    mkfsOptions: filesystem.mkfsOptions,
    sizeBytes,
    sectorBytes,
    workload,
    workloadTimeoutMs,
    cwd,
    env,
    ...(setup && { setup }),
    ...(ioError && { ioError }),
  };
}

function makeManifest(
  id: string,
  nonce: string,
  options: RecordOptions,
  runner: Runner,
  result: RecordResult & { readonly operations: number | undefined },
  folder: string,
): Manifest {
  const { filesystem, sizeBytes, sectorBytes, setup, workload, recover, dump, check, functions, cwd } = options;
  const { mkfs, mkfsOutput, kernel, target } = result;
  return {
    formatVersion: 1,
    id,
    createdAt: new Date().toISOString(),
    powercut: VERSION,
    kernel,
    runner: runner.description,
    target,
    filesystem: {
      spec: filesystem.text,
      name: filesystem.name,
      mountOptions: filesystem.mountOptions,
      mkfs,
      mkfsOutput,
    },
    device: { bytes: sizeBytes, sectorBytes },
    commands: {
      cwd,
      workload,
      ...(setup && { setup }),
      ...(recover && { recover }),
      ...(dump && { dump }),
      ...(check && { check }),
      ...(functions.length > 0 && { functions }),
    },
    counts: {
      ...countLog(join(folder, 'log'), result),
      ...(result.operations !== undefined && { operations: result.operations }),
    },
    ready: result.ready,
    ...(options.ioError && result.ioError && { ioError: { window: options.ioError.text, ...result.ioError } }),
    nonce,
    sha256: hashFiles(folder),
    durationMs: result.durationMs,
  };
}

function countLog(path: string, result: RecordResult): Manifest['counts'] {
  const source = openLogFile(path);
  try {
    const index = indexLog(source);
    const { flushes, fuas, discards, marks } = countEntries(index);
    const entries = index.entryCount;
    return { entries, flushes, fuas, discards, marks, acknowledgements: result.ackCount, logBytes: result.logBytes };
  } finally {
    source.close();
  }
}

/** @throws UsageError that names the option, before anything is recorded */
function makeFolder(path: string, outFolder: string): void {
  try {
    makeCallersFolder(path);
  } catch (error) {
    const why = `recordings cannot be kept in ${resolve(outFolder)}: ${messageOf(error)}`;
    throw new UsageError(`${why}; name another folder with --out`, { cause: error });
  }
}

/** Sorts by time; unique by its random end. */
function newId(): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, '').replace('T', '-');
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}
