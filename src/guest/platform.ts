/** What of a QEMU guest depends on the processor: a guest has the host's, since it runs the host's programs. */
import type { Accelerator } from './qemu-command.ts';

export interface Platform {
  readonly architecture: Architecture;
  /** QEMU's program, and the package of Debian and Ubuntu that has it. */
  readonly qemu: string;
  readonly qemuPackage: string;
  /** Package of Debian that stands for the newest kernel. */
  readonly kernelPackage: string;
  /** Options that choose machine and processor. */
  readonly machine: (accelerator: Accelerator) => readonly (readonly [string, string])[];
  /** The serial line, as the kernel calls it. */
  readonly console: string;
}

export type Architecture = 'x64' | 'arm64';

/**
 * Processors: everything that the accelerator can offer, since the host's programs may have been built for its own.
 *
 * x86-64: five levels of page tables only cost, and the register that tells which attacks the processor withstands cannot
 * be set on some hosts that are virtual themselves.
 *
 * arm64: pointers are signed by an algorithm of QEMU's own, which its manual recommends for speed where every instruction is
 * translated.
 */
const PLATFORMS: Readonly<Record<Architecture, Platform>> = {
  x64: {
    architecture: 'x64',
    qemu: 'qemu-system-x86_64',
    qemuPackage: 'qemu-system-x86',
    kernelPackage: 'linux-image-amd64',
    machine: () => [['-cpu', 'max,la57=off,arch-capabilities=off']],
    console: 'ttyS0',
  },
  arm64: {
    architecture: 'arm64',
    qemu: 'qemu-system-aarch64',
    qemuPackage: 'qemu-system-arm',
    kernelPackage: 'linux-image-arm64',
    machine: (accelerator) => [
      ['-machine', 'virt'],
      ['-cpu', accelerator === 'tcg' ? 'max,pauth-impdef=on' : 'max'],
    ],
    console: 'ttyAMA0',
  },
};

/** Undefined for a processor that no guest is known for. */
export function platformOf(architecture: string): Platform | undefined {
  return architecture === 'x64' || architecture === 'arm64' ? PLATFORMS[architecture] : undefined;
}

/** This machine's own. */
export const HOST_PLATFORM = platformOf(process.arch);
