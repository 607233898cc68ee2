import { readFileSync } from 'node:fs';
import { closeSync, existsSync } from 'node:fs';
import { release } from 'node:os';
import { FILESYSTEMS } from '../filesystems/registry.ts';
import { runTool } from '../host/run-tool.ts';
import { listTargets, openControl } from '../host/sys/device-mapper.ts';
import type { ProbeResult } from './requests.ts';

/** What the kernel that this process runs on can do, tried rather than assumed. Loads modules where it may. */
export async function probeEngine(): Promise<ProbeResult> {
  const root = process.geteuid?.() === 0;
  return {
    kernel: release(),
    root,
    loop: root && (await hasLoop()),
    logWrites: root ? await logWritesVersion() : undefined,
    filesystems: await availableFilesystems(root),
  };
}

async function hasLoop(): Promise<boolean> {
  if (!existsSync('/dev/loop-control')) await loadModule('loop');
  return existsSync('/dev/loop-control');
}

async function logWritesVersion(): Promise<string | undefined> {
  for (const module of ['dm-mod', 'dm-log-writes']) {
    const version = readTargetVersion();
    if (version) return version;
    await loadModule(module);
  }
  return readTargetVersion();
}

function readTargetVersion(): string | undefined {
  try {
    const control = openControl();
    try {
      return listTargets(control).get('log-writes');
    } finally {
      closeSync(control);
    }
  } catch {
    return undefined;
  }
}

/** Those that the kernel lists now, or lists once their module is loaded. */
async function availableFilesystems(root: boolean): Promise<string[]> {
  const available: string[] = [];
  for (const name of Object.keys(FILESYSTEMS)) {
    if (!kernelFilesystems().has(name) && root) await loadModule(name);
    if (kernelFilesystems().has(name)) available.push(name);
  }
  return available;
}

function kernelFilesystems(): Set<string> {
  const lines = readFileSync('/proc/filesystems', 'utf8').split('\n');
  return new Set(lines.map((line) => line.split('\t').at(-1) ?? ''));
}

/** A kernel without modules, or without this one, is an answer too. */
async function loadModule(name: string): Promise<void> {
  await runTool(['modprobe', '-q', name]).catch(() => undefined);
}
