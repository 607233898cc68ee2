/**
 * Records one workload: mkfs and set-up on a plain loop device, whose content becomes the base image; then the same device
 * under dm-log-writes, with the workload on it. The last I/O is a flush, the status is read before the target goes (it
 * alone tells that logging stopped), and only after removal is the log whole.
 */
import { readFileSync, rmdirSync, truncateSync, writeFileSync } from 'node:fs';
import { release, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { StepError } from '../errors.ts';
import type { Filesystem } from '../filesystems/filesystem.ts';
import type { BlockDevice } from '../host/block-device.ts';
import { attachLoop } from '../host/loop-device.ts';
import { ownerName } from '../host/owner.ts';
import { requireTool } from '../host/run-tool.ts';
import { withScope, type Scope } from '../host/scope.ts';
import { scratchMemory } from '../host/scratch.ts';
import { copySparse, extentsOf } from '../host/sparse.ts';
import { DM_SECTOR_BYTES, listTargets } from '../host/sys/device-mapper.ts';
import { flushBlockDevice } from '../host/sys/block-cache.ts';
import { endMark, startMark } from '../stores/mark-text.ts';
import type { IoErrorSpec } from '../stores/io-error-spec.ts';
import { contractEnvironment, fillPlaceholders } from '../stores/placeholders.ts';
import { acceptCapture } from './accept-capture.ts';
import { createIoErrorDevice, type IoErrorDevice } from './io-error-device.ts';
import { createLogWrites, type LogWritesDevice } from './log-writes-device.ts';
import type { RecordRequest, RecordResult } from './requests.ts';
import { requireFilesystem, requireKernelSupport, requireTools } from './require-filesystem.ts';
import { runSetUp } from './run-set-up.ts';
import { prepareNamespace } from './store-folder.ts';
import { StorePlace } from './store-place.ts';
import { runWorkload, type WorkloadResult } from './workload.ts';

/** The log device is sparse: this is only the point at which the kernel would stop logging. */
const LOG_DEVICE_BYTES = 64 * 2 ** 30;

export type Phase = 'mkfs' | 'setup' | 'workload' | 'unmount' | 'verify' | 'save';

export function record(request: RecordRequest, onPhase: (phase: Phase) => void): Promise<RecordResult> {
  return withScope(async (scope) => {
    const started = performance.now();
    const scratch = scratchMemory(scope, Math.floor(totalmem() * 0.8));
    prepareNamespace(scope, scratch, `recording ${request.nonce}`);
    const files = makeImages(scratch, request.sizeBytes);
    const data = attach(scope, files.data, scratch, request.sectorBytes);

    onPhase('mkfs');
    const filesystem = requireFilesystem(request.filesystem);
    const place = new StorePlace(filesystem);
    const made = await makeFilesystem(request, filesystem, data);
    onPhase('setup');
    await setUp(request, place, data);
    const baseExtents = extentsOf(files.data);
    copySparse(files.data, join(request.folder, 'base.img'));

    onPhase('workload');
    const device = startLog(scope, request, data, attach(scope, files.log, scratch, DM_SECTOR_BYTES), scratch);
    const ioError = request.ioError && (await addIoErrors(scope, request, request.ioError, device, scratch));
    const acks = await recordWorkload(request, place, device, ioError);
    onPhase('unmount');
    await ioError?.remove();
    const status = await endLog(request, device);

    onPhase('verify');
    const accepted = acceptCapture({ ...request, ...files, baseExtents, status, scratch });
    onPhase('save');
    saveCapture(request, files, accepted.logBytes);
    return {
      kernel: release(),
      target: listTargets(device.control).get('log-writes') ?? 'unknown',
      ...made,
      ackCount: acks.ackCount,
      ready: acks.ready,
      status,
      logBytes: accepted.logBytes,
      ...(acks.ioError && { ioError: acks.ioError }),
      durationMs: Math.round(performance.now() - started),
    };
  });
}

type Made = Pick<RecordResult, 'mkfs' | 'mkfsOutput'>;

interface ImageFiles {
  readonly data: string;
  readonly log: string;
}

function makeImages(scratch: string, sizeBytes: number): ImageFiles {
  const files = { data: join(scratch, 'data.img'), log: join(scratch, 'log.img') };
  for (const file of Object.values(files)) writeFileSync(file, '');
  truncateSync(files.data, sizeBytes);
  truncateSync(files.log, LOG_DEVICE_BYTES);
  return files;
}

function attach(scope: Scope, file: string, scratch: string, blockBytes: number): BlockDevice {
  const device = attachLoop(file, scratch, blockBytes);
  scope.add(`loop device ${device.name}`, () => device.release());
  return device;
}

async function makeFilesystem(request: RecordRequest, filesystem: Filesystem, device: BlockDevice): Promise<Made> {
  await requireKernelSupport(filesystem);
  requireTools(filesystem);
  const mkfs = filesystem.mkfs(device.path, request.mkfsOptions);
  const mkfsOutput = mkfs.length === 0 ? '' : await requireTool(mkfs, `making a file system, ${filesystem.name},`);
  return { mkfs, mkfsOutput };
}

/** The store's own set-up, before recording: part of the base image. */
async function setUp(request: RecordRequest, place: StorePlace, device: BlockDevice): Promise<void> {
  await withStore(request, place, device.path, async () => {
    // mke2fs makes it; stores that insist on an empty folder should not have to know.
    if (place.isFolder) removeIfEmpty(join(place.path, 'lost+found'));
    await runSetUp(request, place.values);
  });
  // What a program wrote to the bare device may still be in the kernel's memory.
  flushBlockDevice(device.fd, device.path);
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Only ext4 has it.
  }
}

function startLog(
  scope: Scope,
  request: RecordRequest,
  data: BlockDevice,
  log: BlockDevice,
  scratch: string,
): LogWritesDevice {
  const sectors = request.sizeBytes / DM_SECTOR_BYTES;
  const device = createLogWrites(scope, ownerName(), data, log, sectors, scratch);
  device.mark(startMark(request.nonce));
  return device;
}

/** Only where it was asked for: what is not there costs nothing. */
function addIoErrors(
  scope: Scope,
  request: RecordRequest,
  spec: IoErrorSpec,
  device: LogWritesDevice,
  scratch: string,
): Promise<IoErrorDevice> {
  const sectors = request.sizeBytes / DM_SECTOR_BYTES;
  return createIoErrorDevice(scope, `${device.name}-io`, spec, device, sectors, scratch);
}

function recordWorkload(
  request: RecordRequest,
  place: StorePlace,
  device: LogWritesDevice,
  ioError: IoErrorDevice | undefined,
): Promise<WorkloadResult> {
  // A recording has one process of the workload; a command that is told its number can serve here and for `kill`.
  const values = { ...place.values, writer: 0 };
  return withStore(request, place, (ioError ?? device).path, () =>
    runWorkload(
      {
        argv: fillPlaceholders(request.workload, values),
        cwd: request.cwd,
        env: { ...request.env, ...contractEnvironment(values) },
        timeoutMs: request.workloadTimeoutMs,
        transcript: join(request.folder, 'transcript.txt'),
        errorTranscript: join(request.folder, 'stderr.txt'),
      },
      device,
      ioError?.window,
    ),
  );
}

async function withStore<T>(
  request: RecordRequest,
  place: StorePlace,
  source: string,
  body: () => Promise<T>,
): Promise<T> {
  place.enter(source, request.mountOptions);
  let result: T;
  try {
    result = await body();
  } catch (error) {
    await place.leave();
    throw error;
  }
  if (await place.leave()) return result;
  throw new StepError(
    'mount-busy',
    `something still uses ${place.path} 10 s after the workload's end: ${users(place)}`,
  );
}

/** What is mounted there, as the kernel tells it; for the error only. */
function users({ path }: StorePlace): string {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(path))
    .join('; ');
}

async function endLog(request: RecordRequest, device: LogWritesDevice): Promise<string> {
  device.flush();
  device.mark(endMark(request.nonce));
  const status = device.status();
  await device.remove();
  return status;
}

function saveCapture(request: RecordRequest, files: ImageFiles, logBytes: number): void {
  truncateSync(files.log, logBytes);
  copySparse(files.log, join(request.folder, 'log'));
  copySparse(files.data, join(request.folder, 'final.img'));
}
