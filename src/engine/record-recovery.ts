/**
 * Records what a file system and a store write while they recover in a crash state: the image that holds the state is put
 * under dm-log-writes for that time. What comes of it is a recording like any other, with a base image (the state), a log
 * and a final image, and is accepted by the same proof.
 */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attachLoop } from '../host/loop-device.ts';
import { ownerName } from '../host/owner.ts';
import { withScope } from '../host/scope.ts';
import { copySparse } from '../host/sparse.ts';
import { endMark, startMark } from '../stores/mark-text.ts';
import { DM_SECTOR_BYTES } from '../host/sys/device-mapper.ts';
import { acceptCapture } from './accept-capture.ts';
import { createLogWrites } from './log-writes-device.ts';
import type { RestorableImage } from './restorable-image.ts';

/** The log device is sparse: this is only the point at which the kernel would stop logging. */
const LOG_DEVICE_BYTES = 64 * 2 ** 30;
const NONCE = 'recovery';

export interface RecoveryCapture {
  /** Holds the crash state, ready to be mounted. */
  readonly image: RestorableImage;
  readonly sectorBytes: number;
  /** An empty folder in memory; receives `base.img`, `log` and `final.img`. */
  readonly folder: string;
  readonly recover: Recover;
}

/**
 * Mounts the device at this path, lets the store recover, unmounts.
 * @param flush to be called when it is mounted. A mount ends with FUA writes (ext4: of superblock and journal superblock),
 *   and the log does not tell their order from that of plain writes behind them until the next flush: without one, most of
 *   the store's own recovery would be of doubtful content.
 */
export type Recover = (devicePath: string, flush: () => void) => Promise<void>;

/** @throws StepError when the log cannot be trusted, or something still uses the device */
export function recordRecovery({ image, sectorBytes, folder, recover }: RecoveryCapture): Promise<void> {
  const log = join(folder, 'log');
  copySparse(image.path, join(folder, 'base.img'));
  writeFileSync(log, '');
  truncateSync(log, LOG_DEVICE_BYTES);
  return withScope(async (scope) => {
    const logDevice = attachLoop(log, folder, DM_SECTOR_BYTES);
    scope.add(`loop device ${logDevice.name}`, () => logDevice.release());
    const sectors = image.sizeBytes / DM_SECTOR_BYTES;
    const device = createLogWrites(scope, ownerName(), image.device, logDevice, sectors, folder);
    device.mark(startMark(NONCE));
    await recover(device.path, () => device.flush());
    device.flush();
    device.mark(endMark(NONCE));
    const status = device.status();
    await device.remove();
    const { sizeBytes, path: data } = image;
    const files = { folder, nonce: NONCE, sizeBytes, sectorBytes, data, log, status, scratch: folder };
    truncateSync(log, acceptCapture(files).logBytes);
    copySparse(data, join(folder, 'final.img'));
  });
}
