/** The dm-log-writes target: drivers/md/dm-log-writes.c, Documentation/admin-guide/device-mapper/log-writes.rst. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StepError } from '../errors.ts';
import { blockNode, type BlockDevice } from '../host/block-device.ts';
import type { Scope } from '../host/scope.ts';
import { createDevice, openControl, removeDevice, sendMessage, targetStatus } from '../host/sys/device-mapper.ts';

const PATIENCE_MS = 20_000;
const POLL_MS = 20;

export interface LogWritesDevice {
  readonly name: string;
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  /** An open /dev/mapper/control, for those who send marks themselves. */
  readonly control: number;
  /** Puts a mark into the log, ordered after every flush and FUA write that has completed. */
  mark(text: string): void;
  /** Makes a flush the device's last I/O, so that nothing unflushed is spliced into the log at removal. */
  flush(): void;
  /** `0 LENGTH log-writes ENTRIES SECTOR[ logging_disabled]` */
  status(): string;
  /** Ends the log: only now is it complete on the log device. */
  remove(): Promise<void>;
}

/**
 * Starts a log. The log device must have been zeroed: the target writes nothing when it is made, and old entries would
 * pass for new ones.
 * @param dataSectors length of the data device, 512-byte units
 */
export function createLogWrites(
  scope: Scope,
  name: string,
  data: BlockDevice,
  log: BlockDevice,
  dataSectors: number,
  nodeFolder: string,
): LogWritesDevice {
  const control = openControl();
  scope.add('device-mapper control', () => closeSync(control));
  const parameters = `${data.major}:${data.minor} ${log.major}:${log.minor}`;
  const device = createDevice(control, name, { lengthSectors: dataSectors, type: 'log-writes', parameters });
  let removed = false;
  const remove = async (): Promise<void> => {
    if (!removed) await removePatiently(control, name);
    removed = true;
  };
  scope.add(`device ${name}`, remove);
  const { path } = blockNode(`dm-${device.minor}`, device.major, device.minor, nodeFolder);
  return {
    name,
    path,
    major: device.major,
    minor: device.minor,
    control,
    remove,
    mark: (text) => sendMessage(control, name, ['mark', text]),
    flush: () => flush(path),
    status: () => targetStatus(control, name),
  };
}

/** fsync of a block device reaches the target as an empty FLUSH. */
function flush(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** udev and the like may have the device open for a moment. */
export async function removePatiently(control: number, name: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    try {
      return removeDevice(control, name);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENXIO') return;
      if (code !== 'EBUSY') throw error;
    }
    if (waitedMs >= PATIENCE_MS) {
      throw new StepError(
        'device-busy',
        `device ${name} is still held open by something after ${PATIENCE_MS / 1000} s`,
      );
    }
    await sleep(POLL_MS);
  }
}
