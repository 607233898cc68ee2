import type { FastForwardMode } from './requests.ts';
import type { Extent } from '../host/sys/file.ts';
import { JournalForwarder } from '../journal/journal-forwarder.ts';
import type { RestorableImage } from './restorable-image.ts';

/** Applies what an image's journal holds before the kernel does, where it is wanted and understood. */
export class FastForward {
  readonly mode: FastForwardMode;
  readonly #forwarder: JournalForwarder | undefined;

  /** @param image the base image still */
  constructor(mode: FastForwardMode, filesystem: string, image: RestorableImage) {
    this.mode = mode;
    if (mode === 'off' || filesystem !== 'ext4') return;
    this.#forwarder = JournalForwarder.for((target, offsetBytes) => image.read(target, offsetBytes));
  }

  /** To be told of every change from one crash state to the next. */
  forget(changed: readonly Extent[]): void {
    this.#forwarder?.forget(changed);
  }

  /** @returns whether it was done; otherwise all is left to the kernel */
  apply(image: RestorableImage): boolean {
    const patches = this.#forwarder?.patches((target, offsetBytes) => image.read(target, offsetBytes));
    if (patches) image.put(patches);
    return patches !== undefined;
  }
}
