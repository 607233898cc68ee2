import { readFileSync } from 'node:fs';
import { runTool } from '../host/run-tool.ts';

/** Whether this kernel mounts such a file system; loads the module when root asks. @param type as for mount(2) */
export async function kernelMounts(type: string): Promise<boolean> {
  if (!knownTypes().has(type) && process.geteuid?.() === 0) await loadModule(type);
  return knownTypes().has(type);
}

function knownTypes(): Set<string> {
  const lines = readFileSync('/proc/filesystems', 'utf8').split('\n');
  return new Set(lines.map((line) => line.split('\t').at(-1) ?? ''));
}

/** A kernel without modules, or without this one, is an answer too. */
export async function loadModule(name: string): Promise<void> {
  await runTool(['modprobe', '-q', name]).catch(() => undefined);
}
