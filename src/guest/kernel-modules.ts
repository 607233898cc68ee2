/** Which modules of a distribution's kernel a guest needs, and in which order they are loaded. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readUnpacked } from '../host/decompress.ts';
import type { GuestKernel } from './kernel.ts';
import { dependenciesOf, moduleName } from './module-info.ts';

/** Without one of these there is no guest: how it is reached, its root, its memory over that, what recording needs. */
const REQUIRED = [
  'virtio_pci',
  'virtio_console',
  '9pnet_virtio',
  '9p',
  'overlay',
  'loop',
  'dm_mod',
  'dm_log_writes',
] as const;

/**
 * Loaded where the kernel has them. What makes writes fail for --io-error; file systems, and the checksums that these ask the kernel's crypto code for by name,
 * which `depends=` does not tell: crc32c for all, crc32 for f2fs, the others for what `mkfs.btrfs --csum` can choose.
 */
const WELCOME = [
  'dm_flakey',
  'crc32c_generic',
  'crc32_generic',
  'xxhash_generic',
  'blake2b_generic',
  'sha256_generic',
  'ext4',
  'xfs',
  'btrfs',
  'f2fs',
] as const;

export interface KernelModule {
  readonly name: string;
  /** The module itself, unpacked. */
  readonly image: Uint8Array;
}

/** Required modules that this kernel neither has built in nor comes with. */
export function missingModules(kernel: GuestKernel): string[] {
  const builtIn = builtInModules(kernel.modules);
  const files = moduleFiles(kernel.modules);
  return REQUIRED.filter((name) => !builtIn.has(name) && !files.has(name));
}

/** Every module that a guest is to load, each behind those that it depends on. */
export async function readModules(kernel: GuestKernel): Promise<KernelModule[]> {
  const builtIn = builtInModules(kernel.modules);
  const files = moduleFiles(kernel.modules);
  const loaded = new Map<string, KernelModule>();
  const load = async (name: string): Promise<void> => {
    const path = files.get(name);
    if (path === undefined || builtIn.has(name) || loaded.has(name)) return;
    const image = await readUnpacked(path);
    for (const dependency of dependenciesOf(image)) await load(dependency);
    loaded.set(name, { name, image });
  };
  for (const name of [...REQUIRED, ...WELCOME]) await load(name);
  return [...loaded.values()];
}

/** By name. The package of a kernel has no modules.dep before it is installed, so the files themselves are asked. */
function moduleFiles(folder: string): Map<string, string> {
  const root = join(folder, 'kernel');
  if (!existsSync(root)) return new Map();
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return new Map(paths.filter(isModule).map((path) => [nameOf(path), join(root, path)]));
}

/** modules.builtin names them by the files that they would be. */
function builtInModules(folder: string): Set<string> {
  const list = join(folder, 'modules.builtin');
  if (!existsSync(list)) return new Set();
  return new Set(readFileSync(list, 'utf8').split('\n').filter(isModule).map(nameOf));
}

const MODULE_FILE = /\.ko(?:\.(?:xz|zst|gz))?$/;
const isModule = (path: string): boolean => MODULE_FILE.test(path);
const nameOf = (path: string): string => moduleName(basename(path).replace(MODULE_FILE, ''));
