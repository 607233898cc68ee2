/** A kernel's image: whether it is one for this processor, and of which version. */
import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** @returns the version as `uname -r` tells it; undefined for what is no such image, or not ours to read (Ubuntu's are root's) */
export function imageVersion(path: string, architecture: string = process.arch): string | undefined {
  const head = readHead(path);
  if (!head) return undefined;
  if (architecture === 'x64') return bzImageVersion(head);
  return architecture === 'arm64' && isArm64Image(head) ? versionInName(path) : undefined;
}

/** For people: what `imageVersion` takes. */
export const imageForm = (architecture: string = process.arch): string =>
  architecture === 'arm64' ? 'arm64 kernel image named vmlinuz-VERSION' : 'x86 kernel image (bzImage)';

const HEAD_BYTES = 0x10000;

/** Documentation/arch/x86/boot.rst: magic number, and where the text with the version stands, less 0x200. */
const X86 = { magicAt: 0x202, magic: 'HdrS', versionPointerAt: 0x20e, base: 0x200 };

function bzImageVersion(head: Buffer): string | undefined {
  const { magicAt, magic, versionPointerAt, base } = X86;
  if (!hasAt(head, magicAt, magic)) return undefined;
  const at = base + head.readUInt16LE(versionPointerAt);
  return /^\S+/.exec(head.toString('latin1', at, head.indexOf(0, at)))?.[0];
}

/**
 * Documentation/arch/arm64/booting.rst, and the two wrappings that distributions put around: gzip, and an EFI program that
 * unpacks it (drivers/firmware/efi/libstub/zboot-header.S). Which of them can be booted, QEMU knows.
 */
const isArm64Image = (head: Buffer): boolean =>
  hasAt(head, 56, 'ARM\x64') || hasAt(head, 0, '\x1f\x8b') || hasAt(head, 4, 'zimg');

/** No arm64 header tells the version. */
function versionInName(link: string): string | undefined {
  // Debian's /boot/vmlinuz is a link to the newest.
  const path = realpathSync(link);
  const name = basename(path);
  if (name === 'vmlinuz') return basename(dirname(path));
  return /^vmlinuz-(.+)$/.exec(name)?.[1];
}

const hasAt = (head: Buffer, at: number, text: string): boolean =>
  head.toString('latin1', at, at + text.length) === text;

function readHead(path: string): Buffer | undefined {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const fd = openSync(path, 'r');
    try {
      readSync(fd, head, 0, head.length, 0);
    } finally {
      closeSync(fd);
    }
    return head;
  } catch {
    return undefined;
  }
}
