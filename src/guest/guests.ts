/** The kinds of guest, and whether each can be had on this machine. */
import type { Agent } from '../agent/agent.ts';
import { UnavailableError } from '../errors.ts';
import type { GuestOptions } from './guest-process.ts';
import { findKernel } from './kernel.ts';
import { kvmBootObstacle, kvmDeviceObstacle } from './kvm.ts';
import type { Accelerator } from './qemu-command.ts';
import { qemuObstacle, startQemuAgent } from './qemu.ts';
import { startUmlAgent, umlVersion } from './uml.ts';

/** In the order of preference: the fastest first. */
export const GUEST_KINDS = ['kvm', 'uml', 'tcg'] as const;
export type GuestKind = (typeof GUEST_KINDS)[number];

/** For people. */
export const GUEST_NAMES: Readonly<Record<GuestKind, string>> = {
  kvm: 'QEMU with KVM',
  uml: 'user-mode Linux',
  tcg: 'QEMU without KVM',
};

export interface Guest {
  readonly kind: GuestKind;
  /** Its kernel's version. */
  readonly kernel: string;
  readonly start: (options: GuestOptions) => Promise<Agent>;
}

export interface GuestWish {
  /** Which kernel QEMU boots (kernel.ts); user-mode Linux has its own. */
  readonly kernel?: string | undefined;
  /** Try KVM even if it is known whether it works. */
  readonly anew?: boolean;
}

/**
 * @throws UnavailableError that says why there is no such guest here; that it can be tried is all that is known of
 * user-mode Linux and of QEMU without KVM, while KVM has been seen to boot
 */
export async function findGuest(kind: GuestKind, wish: GuestWish = {}): Promise<Guest> {
  return kind === 'uml' ? findUml() : findQemu(kind, wish);
}

async function findUml(): Promise<Guest> {
  return { kind: 'uml', kernel: await umlVersion(), start: startUmlAgent };
}

async function findQemu(kind: Accelerator, { kernel: named, anew = false }: GuestWish): Promise<Guest> {
  refuse(qemuObstacle());
  if (kind === 'kvm') refuse(kvmDeviceObstacle());
  const kernel = findKernel(named);
  if (kind === 'kvm') refuse(await kvmBootObstacle(kernel, anew));
  return {
    kind,
    kernel: kernel.version,
    start: (options) => startQemuAgent({ ...options, accelerator: kind, kernel }),
  };
}

function refuse(obstacle: string | undefined): void {
  if (obstacle !== undefined) throw new UnavailableError(obstacle);
}
