import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// This code is in src/host, dist/src/host, or anywhere in dist/bin.
const packageFolder = folderWithPackage(dirname(fileURLToPath(import.meta.url)));

/** A bundled program of powercut's; what is started in another process or in a guest must be plain JavaScript. */
export function programFile(name: string): string {
  return join(packageFolder, 'dist', 'bin', name);
}

/** A file of the package that is not built. */
export function packageFile(path: string): string {
  return join(packageFolder, path);
}

function folderWithPackage(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : folderWithPackage(dirname(folder));
}
