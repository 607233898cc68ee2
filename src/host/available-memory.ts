import { readFileSync } from 'node:fs';

/** What programs can still be given without swapping, bytes: MemAvailable of proc_meminfo(5). A container may have less. */
export function availableMemoryBytes(): number {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1'));
  return match ? Number(match[1]) * 1024 : Infinity;
}
