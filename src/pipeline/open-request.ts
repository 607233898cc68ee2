import { join } from 'node:path';
import type { OpenRequest } from '../engine/requests.ts';
import { extentsOf } from '../host/sparse.ts';
import { parseDurability } from '../stores/durability.ts';
import type { ReplayOptions } from './options.ts';
import type { Recording } from './recording.ts';

/** What an engine is told before it is asked for crash states. */
export function openRequest({ folder, manifest }: Recording, options: ReplayOptions): OpenRequest {
  const { recover, dump, check, recoverTimeoutMs, checkTimeoutMs, fsck, reuseVerdicts, cwd, env } = options;
  return {
    folder,
    baseExtents: extentsOf(join(folder, 'base.img')),
    recordingId: manifest.id,
    filesystem: manifest.filesystem.name,
    mountOptions: manifest.filesystem.mountOptions,
    sectorBytes: manifest.device.sectorBytes,
    ...(recover && { recover }),
    ...(dump && { dump }),
    ...(check && { check }),
    durability: parseDurability(options.durability),
    repeatRecovery: options.repeatRecovery,
    recoverTimeoutMs,
    checkTimeoutMs,
    fsck,
    reuseVerdicts,
    fastForward: 'off',
    scratchDisk: 'loop',
    cwd,
    env,
  };
}
