import { closeSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { FILESYSTEMS } from '../filesystems/registry.ts';
import { attachLoop } from '../host/loop-device.ts';
import { runTool } from '../host/run-tool.ts';
import { withScope } from '../host/scope.ts';
import { scratchMemory } from '../host/scratch.ts';
import { listTargets, openControl } from '../host/sys/device-mapper.ts';
import { chooseTracer, describeTracer } from '../tracer/choose-tracer.ts';
import type { ProbeRequest, ProbeResult } from './requests.ts';

const TRIAL_BYTES = 1 << 20;

/** What the kernel that this process runs on can do, tried rather than assumed. Loads modules where it may. */
export async function probeEngine(request: ProbeRequest): Promise<ProbeResult> {
  const root = process.geteuid?.() === 0;
  const loop = root && (await hasLoop());
  return {
    kernel: release(),
    root,
    loop,
    logWrites: root ? await logWritesVersion() : undefined,
    filesystems: await availableFilesystems(root),
    ...(request.tracing && loop && { tracing: await tryTracers() }),
  };
}

/** On a small device made for it. */
function tryTracers(): Promise<string> {
  return withScope(async (scope) => {
    const scratch = scratchMemory(scope, TRIAL_BYTES * 2);
    const file = join(scratch, 'trial.img');
    writeFileSync(file, Buffer.alloc(TRIAL_BYTES));
    const device = attachLoop(file, scratch, 512);
    scope.add('loop device', () => device.release());
    const choice = chooseTracer(device);
    scope.add('tracer', () => choice.tracer.close());
    return describeTracer(choice);
  });
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
