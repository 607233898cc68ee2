import { release } from 'node:os';
import { UnavailableError, UsageError } from '../errors.ts';
import type { Filesystem } from '../filesystems/filesystem.ts';
import { FILESYSTEM_NAMES, findFilesystem } from '../filesystems/registry.ts';
import { findProgram } from '../host/find-program.ts';
import { kernelMounts } from './kernel-filesystems.ts';

/** @throws UsageError for a name that this version does not know: a recording made by a later one */
export function requireFilesystem(name: string): Filesystem {
  const filesystem = findFilesystem(name);
  if (filesystem) return filesystem;
  throw new UsageError(
    `this version of powercut does not know the file system "${name}": it knows ${FILESYSTEM_NAMES.join(', ')}`,
  );
}

/** @throws UnavailableError when this kernel cannot mount it */
export async function requireKernelSupport({ name, kernelType }: Filesystem): Promise<void> {
  if (kernelType === undefined || (await kernelMounts(kernelType))) return;
  throw new UnavailableError(
    `the kernel that was to record, ${release()}, has no ${name}: try another one with --vm, see: powercut doctor`,
  );
}

/** @throws UnavailableError that names the package, when a program that it needs is not installed */
export function requireTools({ name, tools }: Filesystem): void {
  for (const { program, debianPackage } of tools) {
    if (findProgram(program)) continue;
    throw new UnavailableError(
      `${name} needs ${program}, which is not installed (Debian, Ubuntu: apt-get install ${debianPackage})`,
    );
  }
}
