/** The few instructions that the first program of a guest is made of, for each processor. */
import type { Architecture } from './platform.ts';

export interface MachineCode {
  /** e_machine of elf(5). */
  readonly elfMachine: number;
  /** Segments begin at multiples of the largest page that a kernel may have. */
  readonly pageBytes: number;
  /** arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h for arm64. */
  readonly numbers: Readonly<Record<CallName, number>>;
  /** @param values at most five, each a number or an address */
  readonly call: (number: number, values: readonly number[]) => Buffer;
  /** Passes over the next bytes unless the last call failed. */
  readonly skipUnlessFailed: (bytes: number) => Buffer;
  /** Puts what the last call gave back where later calls leave it alone. */
  readonly keepResult: Buffer;
  /** Makes that, negated, the next call's first argument: an errno. */
  readonly keptErrnoAsArgument: Buffer;
}

export type CallName = 'write' | 'execve' | 'exit' | 'chdir' | 'chroot' | 'mount' | 'reboot' | 'init_module';

/** Opcodes of `mov register, 64-bit number`: rdi, rsi, rdx, r10, r8, in the order in which the kernel takes arguments. */
const X64_ARGUMENTS = [
  [0x48, 0xbf],
  [0x48, 0xbe],
  [0x48, 0xba],
  [0x49, 0xba],
  [0x49, 0xb8],
] as const;
const X64_RAX = [0x48, 0xb8] as const;

const x64: MachineCode = {
  elfMachine: 62,
  pageBytes: 0x1000,
  numbers: { write: 1, execve: 59, exit: 60, chdir: 80, chroot: 161, mount: 165, reboot: 169, init_module: 175 },
  call: (number, values) =>
    Buffer.concat([
      ...values.map((value, i) => moveOnX64(X64_ARGUMENTS[i]!, value)),
      moveOnX64(X64_RAX, number),
      Buffer.from([0x0f, 0x05]), // syscall
    ]),
  skipUnlessFailed: (bytes) => Buffer.from([0x48, 0x85, 0xc0, 0x79, bytes]), // test rax, rax; jns
  keepResult: Buffer.from([0x48, 0x89, 0xc3]), // mov rbx, rax
  keptErrnoAsArgument: Buffer.from([0x48, 0x89, 0xdf, 0x48, 0xf7, 0xdf]), // mov rdi, rbx; neg rdi
};

function moveOnX64(opcode: readonly number[], value: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.set(opcode);
  bytes.writeBigInt64LE(BigInt(value), 2);
  return bytes;
}

const ARM64_INSTRUCTION_BYTES = 4;
/** Arguments go into x0 to x4, the call's number here. */
const X8 = 8;

const arm64: MachineCode = {
  elfMachine: 183,
  pageBytes: 0x10000,
  numbers: { write: 64, execve: 221, exit: 93, chdir: 49, chroot: 51, mount: 40, reboot: 142, init_module: 105 },
  call: (number, values) =>
    Buffer.concat([
      ...values.map((value, register) => moveOnArm64(register, value)),
      moveOnArm64(X8, number),
      word(0xd4000001), // svc #0
    ]),
  // tbz x0, #63, to behind what is passed over; the distance counts from this instruction.
  skipUnlessFailed: (bytes) => word(0xb6f80000 + (bytes / ARM64_INSTRUCTION_BYTES + 1) * 2 ** 5),
  keepResult: word(0xaa0003f3), // mov x19, x0
  keptErrnoAsArgument: word(0xcb1303e0), // neg x0, x19
};

/** `movz` for the lowest 16 bits, then `movk` for the others. */
function moveOnArm64(register: number, value: number): Buffer {
  const bits = BigInt.asUintN(64, BigInt(value));
  const parts = [0, 1, 2, 3].map((quarter) => {
    const opcode = quarter === 0 ? 0xd2800000 : 0xf2800000;
    const sixteen = Number((bits >> BigInt(16 * quarter)) & 0xffffn);
    return word(opcode + quarter * 2 ** 21 + sixteen * 2 ** 5 + register);
  });
  return Buffer.concat(parts);
}

function word(instruction: number): Buffer {
  const bytes = Buffer.alloc(ARM64_INSTRUCTION_BYTES);
  bytes.writeUInt32LE(instruction);
  return bytes;
}

export const MACHINE_CODE: Readonly<Record<Architecture, MachineCode>> = { x64, arm64 };
