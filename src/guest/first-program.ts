/**
 * The first program of a QEMU guest, made on the spot: a static ELF file (elf(5)) for x86-64 that makes one system call
 * after the other and stops at the first that fails. So the guest's initramfs needs no shell, no library and no insmod of
 * any distribution; modules are data of this program, handed to init_module(2) where they lie.
 */

/** A number, a text (its address), the address of bytes, or of a list of texts that a null pointer ends. */
export type Argument = number | string | Uint8Array | readonly string[];

export interface SystemCallStep {
  /** Told on standard error when the call fails; the exit status is then its errno. */
  readonly what: string;
  /** Number of the call: arch/x86/entry/syscalls/syscall_64.tbl. */
  readonly number: number;
  /** At most five. */
  readonly arguments: readonly Argument[];
  /** Go on when it fails. */
  readonly mayFail?: boolean;
}

const WRITE = 1;
const EXIT = 60;
const STANDARD_ERROR = 2;

const LOAD_ADDRESS = 0x400000;
const ELF_HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const HEADERS_BYTES = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES;
const ALIGNMENT_BYTES = 16;

/** The file's bytes. */
export function makeFirstProgram(steps: readonly SystemCallStep[]): Buffer {
  const data = new DataPart();
  // Encoding a step puts its data in place, so what lies behind the data can be laid out afterwards.
  const code = Buffer.concat(steps.map((step) => encodeStep(step, data)));
  const content = data.bytes();
  const entry = LOAD_ADDRESS + HEADERS_BYTES + content.length;
  const length = HEADERS_BYTES + content.length + code.length;
  return Buffer.concat([encodeHeaders(entry, length), content, code]);
}

/** What the steps point to; it lies behind the headers. */
class DataPart {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** @returns the value of a register that carries this argument */
  place(argument: Argument): number {
    if (typeof argument === 'number') return argument;
    if (typeof argument === 'string') return this.#add(Buffer.from(`${argument}\0`));
    if (argument instanceof Uint8Array) return this.#add(argument);
    const pointers = [...argument.map((text) => this.place(text)), 0];
    const list = Buffer.alloc(pointers.length * 8);
    pointers.forEach((pointer, i) => list.writeBigUInt64LE(BigInt(pointer), i * 8));
    return this.#add(list);
  }

  #add(bytes: Uint8Array): number {
    const at = LOAD_ADDRESS + HEADERS_BYTES + this.#length;
    const padded = Math.ceil(bytes.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    this.#parts.push(bytes, Buffer.alloc(padded - bytes.length));
    this.#length += padded;
    return at;
  }
}

/** Opcodes of `mov register, 64-bit number`; the kernel takes a call's arguments in this order of registers. */
const MOVE_TO_RAX = [0x48, 0xb8];
const MOVE_TO_ARGUMENT = [
  [0x48, 0xbf], // rdi
  [0x48, 0xbe], // rsi
  [0x48, 0xba], // rdx
  [0x49, 0xba], // r10
  [0x49, 0xb8], // r8
] as const;
const SYSCALL = [0x0f, 0x05];
const TEST_RAX = [0x48, 0x85, 0xc0];
const JUMP_UNLESS_NEGATIVE = 0x79;
const KEEP_RAX_IN_RBX = [0x48, 0x89, 0xc3];
const NEGATED_RBX_TO_RDI = [0x48, 0x89, 0xdf, 0x48, 0xf7, 0xdf];

function encodeStep(step: SystemCallStep, data: DataPart): Buffer {
  const call = encodeCall(step.number, step.arguments, data);
  if (step.mayFail) return call;
  const message = `powercut: ${step.what} failed; its errno is this program's exit status\n`;
  const giveUp = Buffer.concat([
    Buffer.from(KEEP_RAX_IN_RBX),
    encodeCall(WRITE, [STANDARD_ERROR, message, Buffer.byteLength(message)], data),
    Buffer.from(NEGATED_RBX_TO_RDI),
    encodeCall(EXIT, [], data),
  ]);
  return Buffer.concat([call, Buffer.from([...TEST_RAX, JUMP_UNLESS_NEGATIVE, giveUp.length]), giveUp]);
}

function encodeCall(number: number, values: readonly Argument[], data: DataPart): Buffer {
  const moves = values.map((value, i) => encodeMove(MOVE_TO_ARGUMENT[i]!, data.place(value)));
  return Buffer.concat([...moves, encodeMove(MOVE_TO_RAX, number), Buffer.from(SYSCALL)]);
}

function encodeMove(opcode: readonly number[], value: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.set(opcode);
  bytes.writeBigInt64LE(BigInt(value), 2);
  return bytes;
}

/** One loadable segment that is the whole file, to be read and run. */
function encodeHeaders(entry: number, length: number): Buffer {
  const header = Buffer.alloc(HEADERS_BYTES);
  // Magic, 64 bits, little-endian, version 1; then ET_EXEC, EM_X86_64, version.
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(entry), 24);
  header.writeBigUInt64LE(BigInt(ELF_HEADER_BYTES), 32);
  header.writeUInt16LE(ELF_HEADER_BYTES, 52);
  header.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  header.writeUInt16LE(1, 56);
  // PT_LOAD, PF_R | PF_X.
  const at = ELF_HEADER_BYTES;
  header.writeUInt32LE(1, at);
  header.writeUInt32LE(5, at + 4);
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS), at + 16);
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS), at + 24);
  header.writeBigUInt64LE(BigInt(length), at + 32);
  header.writeBigUInt64LE(BigInt(length), at + 40);
  header.writeBigUInt64LE(4096n, at + 48);
  return header;
}
