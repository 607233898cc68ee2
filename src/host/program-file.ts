import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// This file is dist/src/host/program-file.js when built; run from its source (tests) it points into the build as well,
// since what is started in another process or in a guest must be plain JavaScript.
const packageFolder = join(
  dirname(fileURLToPath(import.meta.url)),
  ...(import.meta.url.endsWith('.ts') ? ['..', '..'] : ['..', '..', '..']),
);

/** A built program of powercut's, by its path below src. */
export function programFile(path: string): string {
  return join(packageFolder, 'dist', 'src', path);
}

/** A file of the package that is not built. */
export function packageFile(path: string): string {
  return join(packageFolder, path);
}
