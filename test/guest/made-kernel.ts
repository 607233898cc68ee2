/** Kernels and modules as far as powercut looks at them; none of them runs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function makeFile(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The head of an image for a processor, by default this one: an arm64 Image, or a bzImage and what its header says. */
export function kernelImage(version: string, architecture: string = process.arch): Buffer {
  const image = Buffer.alloc(4096);
  if (architecture === 'arm64') {
    image.write('ARM\x64', 56, 'latin1');
    return image;
  }
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt16LE(0x600, 0x20e);
  image.write(`${version} (builder@host) #1 SMP\0`, 0x800, 'latin1');
  return image;
}

/** An ELF file with the sections that a module's description is found by. */
export function moduleImage(...modinfo: readonly string[]): Buffer {
  const content = Buffer.from(modinfo.map((text) => `${text}\0`).join(''));
  const names = Buffer.from('\0.modinfo\0.shstrtab\0');
  const [contentAt, namesAt] = [64, 64 + content.length];
  const headersAt = namesAt + names.length;
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeBigUInt64LE(BigInt(headersAt), 0x28);
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(3, 0x3c);
  header.writeUInt16LE(2, 0x3e);
  const sections = [section(0, 0, 0), section(1, contentAt, content.length), section(10, namesAt, names.length)];
  return Buffer.concat([header, content, names, ...sections]);
}

function section(name: number, offset: number, size: number): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(name, 0);
  header.writeBigUInt64LE(BigInt(offset), 24);
  header.writeBigUInt64LE(BigInt(size), 32);
  return header;
}

/** All that a guest cannot do without, but for what is left out. */
const REQUIRED = ['virtio_pci', 'virtio_console', '9pnet_virtio', '9p', 'overlay', 'loop', 'dm-mod', 'dm-log-writes'];

interface MadeKernel {
  /** Names of modules, as their files have them. */
  readonly without?: readonly string[];
  readonly modules?: string;
  readonly suffix?: string;
}

/** `boot` and `lib/modules` below a folder, as a package brings them. */
export function makeKernel(root: string, version: string, options: MadeKernel = {}): void {
  const { without = [], modules = 'lib/modules', suffix = '.ko' } = options;
  makeFile(join(root, 'boot', `vmlinuz-${version}`), kernelImage(version));
  for (const name of REQUIRED.filter((each) => !without.includes(each))) {
    makeFile(join(root, modules, version, 'kernel', `${name}${suffix}`), moduleImage(`name=${name}`, 'depends='));
  }
}
