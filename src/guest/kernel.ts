/** Finds the kernel that a QEMU guest boots: an installed one, one of an unpacked package, or any image with its modules. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { UnavailableError, UsageError } from '../errors.ts';
import { kernelCacheFolders } from '../host/cache-folder.ts';
import { oneLine } from '../one-line.ts';
import { imageForm, imageVersion } from './kernel-image.ts';
import { missingModules } from './kernel-modules.ts';
import { HOST_PLATFORM } from './platform.ts';

export interface GuestKernel {
  /** Path of the image. */
  readonly image: string;
  /** As `uname -r` tells it inside, such as 6.1.0-50-amd64. */
  readonly version: string;
  /** The folder that `/lib/modules/VERSION` is on an installed system. */
  readonly modules: string;
}

/**
 * @param wish `host` (this kernel's version), a path of an image or of an unpacked package, or a version; without one the
 * running version is preferred, then the newest
 * @param roots folders with `boot` and `lib/modules`, for what is no path
 * @throws UsageError when what is named is not there, UnavailableError when there is no kernel, or none that will do
 */
export function findKernel(wish?: string, roots: readonly string[] = installationRoots()): GuestKernel {
  if (wish === undefined) return firstUsable(installedKernels(roots));
  const kernel = namedKernel(wish === 'host' ? release() : wish, roots);
  const obstacle = kernelObstacle(kernel);
  if (obstacle !== undefined) throw new UnavailableError(obstacle);
  return kernel;
}

function namedKernel(wish: string, roots: readonly string[]): GuestKernel {
  const path = resolve(wish);
  if (wish.includes('/') || existsSync(path)) return kernelAtPath(path, roots);
  const known = installedKernels(roots);
  const found = known.find(({ version }) => version === wish);
  if (found) return found;
  const versions = [...new Set(known.map(({ version }) => version))].join(', ') || 'none';
  throw new UsageError(
    `there is no kernel ${oneLine(wish)} with its modules in /boot, /lib/modules or ${kernelCacheFolders()[0]}; found: ${versions}`,
  );
}

function kernelAtPath(path: string, roots: readonly string[]): GuestKernel {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new UsageError(`--kernel: there is no ${path}`);
  if (stat.isDirectory()) {
    const [kernel, second] = kernelsBelow(path);
    if (kernel && !second) return kernel;
    const why = second ? 'holds several kernels; name one image' : 'holds no boot/vmlinuz-* with its lib/modules';
    throw new UsageError(`--kernel: ${path} ${why}`);
  }
  const version = imageVersion(path);
  if (version === undefined) throw new UsageError(`--kernel: ${path} is no ${imageForm()} that can be read`);
  return { image: path, version, modules: modulesFor(path, version, roots) };
}

/** Beside the image, in the package that it came with, or on this system. */
function modulesFor(image: string, version: string, roots: readonly string[]): string {
  if (basename(dirname(image)) === version) return dirname(image);
  const found = [dirname(dirname(image)), ...roots]
    .map((root) => modulesBelow(root, version))
    .find((folder) => folder !== undefined);
  if (found !== undefined) return found;
  throw new UsageError(
    `--kernel: ${image} is kernel ${version}, and there is no lib/modules/${version} beside it or here`,
  );
}

/** Those of this system and those that were unpacked for powercut: the running version first, then from the newest down. */
function installedKernels(roots: readonly string[]): GuestKernel[] {
  const rank = ({ version }: GuestKernel): number => (version === release() ? 0 : 1);
  return roots
    .flatMap(kernelsBelow)
    .sort((a, b) => rank(a) - rank(b) || b.version.localeCompare(a.version, 'en', { numeric: true }));
}

/** Folders that have a `boot` and a `lib/modules`. */
function installationRoots(): string[] {
  const packages = kernelCacheFolders().flatMap((cache) => entries(cache).map((name) => join(cache, name)));
  return ['/', ...packages];
}

function kernelsBelow(root: string): GuestKernel[] {
  const images = [
    ...entries(join(root, 'boot'))
      .filter((name) => name.startsWith('vmlinuz-'))
      .map((name) => join(root, 'boot', name)),
    ...['lib/modules', 'usr/lib/modules'].flatMap((folder) =>
      entries(join(root, folder)).map((version) => join(root, folder, version, 'vmlinuz')),
    ),
  ];
  return images.flatMap((image) => {
    const version = imageVersion(image);
    const modules = version === undefined ? undefined : modulesBelow(root, version);
    return version === undefined || modules === undefined ? [] : [{ image, version, modules }];
  });
}

function modulesBelow(root: string, version: string): string | undefined {
  return ['lib/modules', 'usr/lib/modules']
    .map((folder) => join(root, folder, version))
    .find((folder) => existsSync(join(folder, 'kernel')));
}

function firstUsable(kernels: readonly GuestKernel[]): GuestKernel {
  const usable = kernels.find((kernel) => kernelObstacle(kernel) === undefined);
  if (usable) return usable;
  const [first] = kernels;
  const why = first ? kernelObstacle(first) : 'there is no kernel image with its modules in /boot or /lib/modules';
  throw new UnavailableError(
    `${why} (Debian: scripts/setup.sh unpacks ${HOST_PLATFORM?.kernelPackage} for powercut, without installing it)`,
  );
}

function kernelObstacle(kernel: GuestKernel): string | undefined {
  const missing = missingModules(kernel);
  if (missing.length === 0) return undefined;
  return `kernel ${kernel.version} (${kernel.image}) cannot run a guest: it has no ${missing.join(', ')} (a cloud flavour leaves 9p out)`;
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
