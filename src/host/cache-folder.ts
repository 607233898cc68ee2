import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where powercut keeps what it may lose: $XDG_CACHE_HOME/powercut, else ~/.cache/powercut. */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base !== undefined && base.startsWith('/') ? base : join(homedir(), '.cache'), 'powercut');
}

/** Where scripts/setup.sh unpacks kernels, a folder for each package. Under sudo, the caller's as well as root's. */
export function kernelCacheFolders(): string[] {
  const caller = callerHome();
  const callers = caller === undefined ? [] : [join(caller, '.cache', 'powercut')];
  return [...new Set([cacheFolder(), ...callers])].map((folder) => join(folder, 'kernels'));
}

/** The home of the user who called sudo, from passwd(5). */
function callerHome(): string | undefined {
  const uid = process.env['SUDO_UID'];
  if (process.geteuid?.() !== 0 || uid === undefined) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return lines.map((line) => line.split(':')).find((fields) => fields[2] === uid)?.[5];
}
