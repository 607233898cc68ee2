import { closeSync, existsSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Filesystem } from '../filesystems/filesystem.ts';
import { FILESYSTEMS } from '../filesystems/registry.ts';
import { attachLoop } from '../host/loop-device.ts';
import { withScope } from '../host/scope.ts';
import { scratchMemory } from '../host/scratch.ts';
import { listTargets, openControl } from '../host/sys/device-mapper.ts';
import { chooseTracer, describeTracer } from '../tracer/choose-tracer.ts';
import { kernelMounts, loadModule } from './kernel-filesystems.ts';
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
    logWrites: root ? await targetVersion('log-writes') : undefined,
    flakey: root ? await targetVersion('flakey') : undefined,
    filesystems: await availableFilesystems(loop),
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

async function targetVersion(target: string): Promise<string | undefined> {
  for (const module of ['dm-mod', `dm-${target}`]) {
    const version = readTargetVersion(target);
    if (version) return version;
    await loadModule(module);
  }
  return readTargetVersion(target);
}

function readTargetVersion(target: string): string | undefined {
  try {
    const control = openControl();
    try {
      return listTargets(control).get(target);
    } finally {
      closeSync(control);
    }
  } catch {
    return undefined;
  }
}

/** What needs no file system is there wherever loop devices are. */
async function availableFilesystems(loop: boolean): Promise<string[]> {
  const available: string[] = [];
  for (const { name, kernelType } of Object.values<Filesystem>(FILESYSTEMS)) {
    if (kernelType === undefined ? loop : await kernelMounts(kernelType)) available.push(name);
  }
  return available;
}
