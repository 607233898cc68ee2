/** `powercut doctor`: what this machine can do, and for each thing that it cannot the line that would change that. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { startNativeAgent } from '../agent/native.ts';
import type { ProbeResult } from '../engine/requests.ts';
import { FILESYSTEMS } from '../filesystems/registry.ts';
import { findProgram } from '../host/find-program.ts';
import { formatByteCount } from '../units.ts';
import { probeGuests, type Diagnosis, type ProbedGuest } from './probe-guests.ts';

export interface Report {
  readonly record: boolean;
  readonly replay: boolean;
  readonly diagnoses: readonly Diagnosis[];
}

export async function diagnose(): Promise<Report> {
  const native = await probeNative();
  const guests = await probeGuests();
  const nativeRecords = native?.loop === true && native.logWrites !== undefined;
  const filesystems = Object.keys(FILESYSTEMS).map((name) => filesystemDiagnosis(name, native, guests));
  const guestRecords = guests.some(({ probe }) => probe?.logWrites !== undefined);
  const usable = filesystems.some(({ ok }) => ok);
  return {
    record: usable && (nativeRecords || guestRecords),
    replay: usable && (native?.loop === true || guestRecords),
    diagnoses: [
      { name: 'node', ok: true, found: `${process.version} on ${process.platform} ${process.arch}` },
      rootDiagnosis(),
      loopDiagnosis(native),
      logWritesDiagnosis(native),
      flakeyDiagnosis(native, guests),
      tracingDiagnosis(native),
      ...guests.map(({ diagnosis }) => diagnosis),
      // Where user-mode Linux has its memory; QEMU's is the process's own.
      ...(process.arch === 'x64' ? [memoryDiagnosis()] : []),
      ...filesystems,
    ],
  };
}

async function probeNative(): Promise<ProbeResult | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const agent = await startNativeAgent();
  try {
    return await agent.call('probe', { tracing: true });
  } finally {
    await agent.close();
  }
}

function rootDiagnosis(): Diagnosis {
  if (process.geteuid?.() === 0) return { name: 'root', ok: true, found: 'running as root' };
  return {
    name: 'root',
    ok: false,
    found: 'an ordinary user: everything runs in the guest',
    remedy: 'sudo env "PATH=$PATH" npx powercut ...   (replays on this kernel, much faster)',
  };
}

function loopDiagnosis(native: ProbeResult | undefined): Diagnosis {
  const name = 'loop devices';
  if (!native) return { name, ok: false, found: 'not tried without root' };
  if (native.loop)
    return { name, ok: true, found: `this kernel (${native.kernel}) has them: crash states are tried on it` };
  return {
    name,
    ok: false,
    found: 'no /dev/loop-control',
    remedy: 'modprobe loop   (container: --privileged -v /dev:/dev)',
  };
}

function logWritesDiagnosis(native: ProbeResult | undefined): Diagnosis {
  const name = 'dm-log-writes';
  if (!native) return { name, ok: false, found: 'not tried without root' };
  if (native.logWrites)
    return { name, ok: true, found: `target ${native.logWrites}: recordings are made on this kernel` };
  return {
    name,
    ok: false,
    found: `kernel ${release()} has none that could be loaded: recordings are made in a guest`,
    remedy: 'modprobe dm-log-writes   (Ubuntu: apt-get install linux-modules-extra-$(uname -r))',
  };
}

/** Nothing but --io-error needs it, and any kernel that records will do. */
function flakeyDiagnosis(native: ProbeResult | undefined, guests: readonly ProbedGuest[]): Diagnosis {
  const name = 'dm-flakey';
  const kernels = [
    ...(native?.flakey !== undefined && native.logWrites !== undefined ? ['this kernel'] : []),
    ...guests.filter(({ probe }) => probe?.flakey !== undefined).map(({ kind }) => `--vm ${kind}`),
  ];
  if (kernels.length > 0) return { name, ok: true, found: `for --io-error, in ${kernels.join(', ')}` };
  return {
    name,
    ok: false,
    found: 'in no kernel that could be asked and that records: --io-error cannot be had',
    remedy: 'modprobe dm-flakey   (Ubuntu: apt-get install linux-modules-extra-$(uname -r))',
  };
}

/** Comparing always works, and is slower the larger the image. */
function tracingDiagnosis(native: ProbeResult | undefined): Diagnosis {
  const name = 'block tracer';
  if (native?.tracing === undefined) return { name, ok: false, found: 'not tried without root and loop devices' };
  return { name, ok: !native.tracing.startsWith('compare'), found: native.tracing };
}

function memoryDiagnosis(): Diagnosis {
  const folder = '/dev/shm';
  if (!existsSync(folder))
    return { name: 'guest memory', ok: false, found: 'no /dev/shm', remedy: 'mount -t tmpfs tmpfs /dev/shm' };
  const { bavail, bsize } = statfsSync(folder);
  const found = `${formatByteCount(bavail * bsize)} free in ${folder}`;
  const ok = bavail * bsize > 512 * 2 ** 20 && isWritable(folder);
  return { name: 'guest memory', ok, found, ...(!ok && { remedy: 'docker run --shm-size=2g' }) };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function filesystemDiagnosis(name: string, native: ProbeResult | undefined, guests: readonly ProbedGuest[]): Diagnosis {
  const { tools } = FILESYSTEMS[name as keyof typeof FILESYSTEMS];
  const missing = tools.filter(({ program }) => !findProgram(program));
  const kernels = [
    ...(native?.filesystems.includes(name) ? ['this kernel'] : []),
    ...guests.filter(({ probe }) => probe?.filesystems.includes(name)).map(({ kind }) => `--vm ${kind}`),
  ];
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))].join(' ');
  const ok = missing.length === 0 && kernels.length > 0;
  const found = [
    kernels.length > 0 ? `in ${kernels.join(', ')}` : 'in no kernel that could be asked',
    ...(missing.length > 0 ? [`${missing.map(({ program }) => program).join(', ')} missing`] : []),
  ].join('; ');
  return { name, ok, found, ...(packages && { remedy: `sudo apt-get install ${packages}` }) };
}
