/** What each kind of guest can do here: booted, since that a program is installed does not prove that it runs. */
import type { ProbeResult } from '../engine/requests.ts';
import { messageOf } from '../errors.ts';
import { findGuest, GUEST_KINDS, GUEST_NAMES, type GuestKind } from '../guest/guests.ts';
import { platformOf } from '../guest/platform.ts';

export interface Diagnosis {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
  /** One line that mends it; absent when there is nothing to mend. */
  readonly remedy?: string;
}

export interface ProbedGuest {
  readonly kind: GuestKind;
  /** Absent when it did not boot. */
  readonly probe?: ProbeResult;
  readonly diagnosis: Diagnosis;
}

/**
 * Packages of Debian and Ubuntu; QEMU's kernel is only unpacked, which scripts/setup.sh does.
 * @returns undefined where nothing helps, since there is no such guest for this processor
 */
export function guestRemedy(kind: GuestKind, architecture: string = process.arch): string | undefined {
  const platform = platformOf(architecture);
  if (!platform || (kind === 'uml' && architecture !== 'x64')) return undefined;
  if (kind === 'uml') return 'sudo apt-get install user-mode-linux';
  if (kind === 'kvm')
    return 'needs a processor, or a virtual machine, that may run virtual machines; nothing else needs it';
  return `sudo apt-get install ${platform.qemuPackage}, and a kernel with its modules: see docs/guests.md`;
}

/** All at once: they spend their time waiting for different things. */
export function probeGuests(): Promise<ProbedGuest[]> {
  return Promise.all(GUEST_KINDS.map(probeGuest));
}

async function probeGuest(kind: GuestKind): Promise<ProbedGuest> {
  const name = `guest (${GUEST_NAMES[kind]})`;
  try {
    const guest = await findGuest(kind, { anew: true });
    const agent = await guest.start({});
    try {
      const probe = await agent.call('probe', {});
      const found = `boots, kernel ${probe.kernel}, dm-log-writes ${probe.logWrites ?? 'missing'}`;
      return { kind, probe, diagnosis: { name, ok: probe.logWrites !== undefined, found } };
    } finally {
      await agent.close();
    }
  } catch (error) {
    // The words of a machine that died follow below the first line.
    const found = messageOf(error).trimEnd().split('\n').slice(0, 3).join(' | ');
    const remedy = guestRemedy(kind);
    return { kind, diagnosis: { name, ok: false, found, ...(remedy && { remedy }) } };
  }
}
