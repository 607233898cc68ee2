/**
 * Whether KVM works here. That /dev/kvm is there and answers proves nothing: machines have been seen that make virtual
 * machines and never run their first instruction. Only a boot does, with a deadline, of a kernel whose first program says a
 * word; the answer is kept until this machine starts again.
 */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { cacheFolder } from '../host/cache-folder.ts';
import { findProgram } from '../host/find-program.ts';
import { VERSION } from '../host/version.ts';
import type { GuestKernel } from './kernel.ts';
import { proveBoot } from './prove-boot.ts';
import { requirePlatform } from './qemu.ts';

const DEVICE = '/dev/kvm';
const BOOT_DEADLINE_MS = 10_000;
const WORKS = 'works';

/** Why KVM need not be tried; undefined when a boot is to tell. */
export function kvmDeviceObstacle(): string | undefined {
  if (!existsSync(DEVICE)) return `there is no ${DEVICE}`;
  try {
    accessSync(DEVICE, constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return `this user may not use ${DEVICE} (sudo usermod -aG kvm $USER, then log in again)`;
  }
}

/**
 * @param anew boot even if the answer is known
 * @returns why KVM cannot be used; undefined when a boot has proved it
 */
export async function kvmBootObstacle(kernel: GuestKernel, anew: boolean): Promise<string | undefined> {
  const known = anew ? undefined : readAnswer(kernel);
  const answer = known ?? (await proveBoot('kvm', kernel, BOOT_DEADLINE_MS)) ?? WORKS;
  if (known === undefined) keepAnswer(kernel, answer);
  return answer === WORKS ? undefined : answer;
}

/** The answer holds for this start of this machine, this powercut, this QEMU and this kernel. */
function answerKey(kernel: GuestKernel): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const changes = [kernel.image, findProgram(requirePlatform().qemu)!].map(
    (path) => `${path} ${statSync(path).mtimeMs}`,
  );
  return [VERSION, boot, ...changes].join(' ');
}

const answerFile = (): string => join(cacheFolder(), 'kvm.json');

function readAnswer(kernel: GuestKernel): string | undefined {
  try {
    const { key, answer } = JSON.parse(readFileSync(answerFile(), 'utf8')) as { key?: unknown; answer?: unknown };
    return key === answerKey(kernel) && typeof answer === 'string' ? answer : undefined;
  } catch {
    // Nothing is known yet, or it is not readable: then it is tried.
    return undefined;
  }
}

function keepAnswer(kernel: GuestKernel, answer: string): void {
  try {
    mkdirSync(dirname(answerFile()), { recursive: true });
    writeFileSync(answerFile(), `${JSON.stringify({ key: answerKey(kernel), answer }, null, 2)}\n`);
  } catch (error) {
    process.emitWarning(`powercut cannot keep what it found about KVM: ${messageOf(error)}`);
  }
}
