/**
 * Where the store under test lives: in a mounted file system, or on the bare device. Either way at the same path while
 * recording and in every crash state, since stores write paths into their files.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Filesystem } from '../filesystems/filesystem.ts';
import { splitMountOptions } from '../filesystems/mount-flags.ts';
import { unmountPatiently } from '../host/mounted.ts';
import { bindMount, detachMount, mount } from '../host/sys/mount.ts';
import type { PlaceValues } from '../stores/placeholders.ts';
import { STORE_FOLDER } from './store-folder.ts';

/** As `{device}`. The node is bound over a file there: many engines, each with its mounts, can use it at once. */
export const STORE_DEVICE = '/run/powercut/device';

export class StorePlace {
  /** `{dir}` or `{device}`. */
  readonly path: string;
  readonly #kernelType: string | undefined;

  constructor({ kernelType }: Filesystem) {
    this.#kernelType = kernelType;
    this.path = kernelType === undefined ? STORE_DEVICE : STORE_FOLDER;
  }

  /** Whether there is a folder, with files in it. */
  get isFolder(): boolean {
    return this.#kernelType !== undefined;
  }

  /** What the store's commands are told of it. */
  get values(): PlaceValues {
    return this.isFolder ? { dir: this.path } : { device: this.path };
  }

  /** Puts the device there. @throws SystemCallError */
  enter(source: string, mountOptions: readonly string[]): void {
    if (this.#kernelType === undefined) {
      mkdirSync(dirname(this.path), { recursive: true });
      closeSync(openSync(this.path, 'a'));
      bindMount(source, this.path);
      return;
    }
    mkdirSync(this.path, { recursive: true });
    const { flags, data } = splitMountOptions(mountOptions);
    mount({ source, target: this.path, type: this.#kernelType, flags, data });
  }

  /** @returns false when something still used it after 10 s; an open file counts, on the bare device too */
  leave(): Promise<boolean> {
    return unmountPatiently(this.path);
  }

  /** Whatever still uses it goes on with what it has. */
  abandon(): void {
    try {
      detachMount(this.path);
    } catch {
      // Not mounted any more.
    }
  }
}
