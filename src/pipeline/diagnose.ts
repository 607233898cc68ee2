/** `powercut doctor`: what this machine can do, and for each thing that it cannot the line that would change that. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { startNativeAgent } from '../agent/native.ts';
import type { ProbeResult } from '../engine/requests.ts';
import { FILESYSTEMS } from '../filesystems/registry.ts';
import { startUmlAgent, umlObstacle } from '../guest/uml.ts';
import { findProgram } from '../host/find-program.ts';
import { formatByteCount } from '../units.ts';
import { messageOf } from '../errors.ts';

export interface Diagnosis {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
  /** One line that mends it; absent when there is nothing to mend. */
  readonly remedy?: string;
}

export interface Report {
  readonly record: boolean;
  readonly replay: boolean;
  readonly diagnoses: readonly Diagnosis[];
}

export async function diagnose(): Promise<Report> {
  const native = await probeNative();
  const guest = await probeGuest();
  const nativeRecords = native?.loop === true && native.logWrites !== undefined;
  const filesystems = Object.keys(FILESYSTEMS).map((name) => filesystemDiagnosis(name, native, guest));
  const usable = filesystems.some(({ ok }) => ok);
  return {
    record: usable && (nativeRecords || guest.probe !== undefined),
    replay: usable && (native?.loop === true || guest.probe !== undefined),
    diagnoses: [
      { name: 'node', ok: true, found: `${process.version} on ${process.platform} ${process.arch}` },
      rootDiagnosis(),
      loopDiagnosis(native),
      logWritesDiagnosis(native),
      guest.diagnosis,
      kvmDiagnosis(),
      memoryDiagnosis(),
      ...filesystems,
    ],
  };
}

async function probeNative(): Promise<ProbeResult | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const agent = await startNativeAgent();
  try {
    return await agent.call('probe', {});
  } finally {
    await agent.close();
  }
}

/** Boots one: that a program is installed does not prove that it runs here. */
async function probeGuest(): Promise<{ probe?: ProbeResult; diagnosis: Diagnosis }> {
  const name = 'guest (user-mode Linux)';
  const obstacle = umlObstacle();
  if (obstacle !== undefined) {
    return { diagnosis: { name, ok: false, found: obstacle, remedy: 'sudo apt-get install user-mode-linux' } };
  }
  try {
    const agent = await startUmlAgent({});
    try {
      const probe = await agent.call('probe', {});
      const found = `boots, kernel ${probe.kernel}, dm-log-writes ${probe.logWrites ?? 'missing'}`;
      return { probe, diagnosis: { name, ok: probe.logWrites !== undefined, found } };
    } finally {
      await agent.close();
    }
  } catch (error) {
    const [first = ''] = messageOf(error).split('\n');
    return { diagnosis: { name, ok: false, found: first, remedy: 'powercut doctor --json shows its last words' } };
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

function kvmDiagnosis(): Diagnosis {
  const found = existsSync('/dev/kvm')
    ? 'there is a /dev/kvm; this version has no QEMU guest to use it'
    : 'no /dev/kvm; not needed';
  return { name: 'kvm', ok: true, found };
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

function filesystemDiagnosis(name: string, native: ProbeResult | undefined, guest: { probe?: ProbeResult }): Diagnosis {
  const { tools } = FILESYSTEMS[name as keyof typeof FILESYSTEMS];
  const missing = tools.filter(({ program }) => !findProgram(program));
  const kernels = [
    ...(native?.filesystems.includes(name) ? ['this kernel'] : []),
    ...(guest.probe?.filesystems.includes(name) ? ['the guest'] : []),
  ];
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))].join(' ');
  const ok = missing.length === 0 && kernels.length > 0;
  const found = [
    kernels.length > 0 ? `in ${kernels.join(' and ')}` : 'in no kernel that could be asked',
    ...(missing.length > 0 ? [`${missing.map(({ program }) => program).join(', ')} missing`] : []),
  ].join('; ');
  return { name, ok, found, ...(packages && { remedy: `sudo apt-get install ${packages}` }) };
}
