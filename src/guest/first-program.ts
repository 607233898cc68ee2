/**
 * The first program of a QEMU guest, made on the spot: a static ELF file (elf(5)) that makes one system call after the other
 * and stops at the first that fails. So the guest's initramfs needs no shell, no library and no insmod of
 * any distribution; modules are data of this program, handed to init_module(2) where they lie.
 */
import { MACHINE_CODE, type CallName, type MachineCode } from './machine-code.ts';
import type { Architecture } from './platform.ts';

/** A number, a text (its address), the address of bytes, or of a list of texts that a null pointer ends. */
export type Argument = number | string | Uint8Array | readonly string[];

export interface SystemCallStep {
  /** Told on standard error when the call fails; the exit status is then its errno. */
  readonly what: string;
  readonly call: CallName;
  /** At most five. */
  readonly arguments: readonly Argument[];
  /** Go on when it fails. */
  readonly mayFail?: boolean;
}

const STANDARD_ERROR = 2;

const LOAD_ADDRESS = 0x400000;
const ELF_HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const HEADERS_BYTES = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES;
const ALIGNMENT_BYTES = 16;

/** The file's bytes. */
export function makeFirstProgram(steps: readonly SystemCallStep[], architecture: Architecture): Buffer {
  const machineCode = MACHINE_CODE[architecture];
  const data = new DataPart();
  // Encoding a step puts its data in place, so what lies behind the data can be laid out afterwards.
  const code = Buffer.concat(steps.map((step) => encodeStep(step, data, machineCode)));
  const content = data.bytes();
  const entry = LOAD_ADDRESS + HEADERS_BYTES + content.length;
  const length = HEADERS_BYTES + content.length + code.length;
  return Buffer.concat([encodeHeaders(entry, length, machineCode), content, code]);
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

function encodeStep(step: SystemCallStep, data: DataPart, code: MachineCode): Buffer {
  const call = encodeCall(step.call, step.arguments, data, code);
  if (step.mayFail) return call;
  const message = `powercut: ${step.what} failed; its errno is this program's exit status\n`;
  const giveUp = Buffer.concat([
    code.keepResult,
    encodeCall('write', [STANDARD_ERROR, message, Buffer.byteLength(message)], data, code),
    code.keptErrnoAsArgument,
    encodeCall('exit', [], data, code),
  ]);
  return Buffer.concat([call, code.skipUnlessFailed(giveUp.length), giveUp]);
}

function encodeCall(name: CallName, values: readonly Argument[], data: DataPart, code: MachineCode): Buffer {
  return code.call(
    code.numbers[name],
    values.map((value) => data.place(value)),
  );
}

/** One loadable segment that is the whole file, to be read and run. */
function encodeHeaders(entry: number, length: number, { elfMachine, pageBytes }: MachineCode): Buffer {
  const header = Buffer.alloc(HEADERS_BYTES);
  // Magic, 64 bits, little-endian, version 1; then ET_EXEC, machine, version.
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(elfMachine, 18);
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
  header.writeBigUInt64LE(BigInt(pageBytes), at + 48);
  return header;
}
