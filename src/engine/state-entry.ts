import { mountVerdict } from '../checks/filesystem-outcome.ts';
import type { BadVerdict } from '../checks/verdict.ts';
import type { Filesystem } from '../filesystems/filesystem.ts';
import type { BlockDevice } from '../host/block-device.ts';
import { linesAbout } from './device-messages.ts';
import type { OpenRequest } from './requests.ts';
import { runRepair } from './run-fsck.ts';
import type { StorePlace } from './store-place.ts';

/** A device, and its name in the kernel's messages. */
export type NamedDevice = Pick<BlockDevice, 'path' | 'name'>;

/** The way into a crash state: repair where the file system needs it first, mount, or mend what does not mount. */
export class StateEntry {
  readonly #filesystem: Filesystem;
  readonly #place: StorePlace;
  readonly #request: Pick<OpenRequest, 'mountOptions' | 'checkTimeoutMs'>;
  readonly #messages: () => string[];

  /** @param messages what the kernel has said since it was asked last */
  constructor(
    filesystem: Filesystem,
    place: StorePlace,
    request: Pick<OpenRequest, 'mountOptions' | 'checkTimeoutMs'>,
    messages: () => string[],
  ) {
    this.#filesystem = filesystem;
    this.#place = place;
    this.#request = request;
    this.#messages = messages;
  }

  /** Makes the state's disk the place where the store lives. @returns the verdict when that cannot be done */
  async enter(device: NamedDevice): Promise<BadVerdict | undefined> {
    const { mountOptions, checkTimeoutMs } = this.#request;
    const repair = await runRepair(this.#filesystem, device.path, checkTimeoutMs);
    if (repair.kind !== 'ok') return repair;
    try {
      this.#place.enter(device.path, [...mountOptions, ...this.#filesystem.recoveryOptions]);
      return undefined;
    } catch (error) {
      const failure = (error as NodeJS.ErrnoException).code ?? String(error);
      return mountVerdict(failure, linesAbout(this.#messages(), device.name));
    }
  }

  /**
   * What file systems assume away of torn writes is their finding; the store is judged on what an administrator gets back.
   * @param failure why it could not be entered; what this machine could not do, EBUSY say, is no damage to be mended
   * @returns whether the disk can be used now
   */
  async mend(device: NamedDevice, failure: BadVerdict): Promise<boolean> {
    const { mend } = this.#filesystem;
    if (mend === undefined || failure.kind === 'unknown') return false;
    const mended = await runRepair({ repair: mend }, device.path, this.#request.checkTimeoutMs);
    return mended.kind === 'ok' && (await this.enter(device)) === undefined;
  }
}

export const textOf = (verdict: BadVerdict): string => (verdict.kind === 'unknown' ? verdict.reason : verdict.message);
