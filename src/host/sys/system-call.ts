/**
 * System calls that the C library has no function for. Numbers: arch/x86/entry/syscalls/syscall_64.tbl and
 * include/uapi/asm-generic/unistd.h (arm64); from 424 on all architectures share them.
 */
import koffi from 'koffi';
import { UnavailableError } from '../../errors.ts';
import { SystemCallError } from './libc.ts';

const SHARED = { fsopen: 430, fsconfig: 431, fsmount: 432 } as const;

const NUMBERS = {
  x64: { ...SHARED, perf_event_open: 298, bpf: 321 },
  arm64: { ...SHARED, perf_event_open: 241, bpf: 280 },
} as const;

export type SystemCallName = keyof (typeof NUMBERS)['x64'];

/** Returns what the kernel returned, which is never negative. @throws SystemCallError */
export type SystemCall = (on: string, ...args: unknown[]) => number;

const library = koffi.load(null);

/**
 * @param parameters in C, without the number: `int command, void *attributes, uint32_t sizeBytes`
 * @throws UnavailableError, when called, on a processor whose numbers are not known here
 */
export function systemCall(name: SystemCallName, parameters: string): SystemCall {
  const raw = library.func(`int64_t syscall(int64_t number, ${parameters})`) as (...args: unknown[]) => number;
  return (on, ...args) => {
    const result = Number(raw(numberOf(name), ...args));
    if (result < 0) throw new SystemCallError(name, koffi.errno(), on);
    return result;
  };
}

/** Exported for its test. */
export function numberOf(name: SystemCallName, architecture: string = process.arch): number {
  if (architecture === 'x64' || architecture === 'arm64') return NUMBERS[architecture][name];
  throw new UnavailableError(`the number of the system call ${name} is not known for the processor "${architecture}"`);
}
