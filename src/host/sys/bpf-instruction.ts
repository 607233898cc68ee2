/**
 * BPF instructions: Documentation/bpf/standardization/instruction-set.rst of Linux. Each is 8 bytes: opcode, registers
 * (destination low, source high), jump or memory offset (16 bits), immediate (32 bits). All are little-endian here.
 */
export interface Instruction {
  readonly opcode: number;
  readonly destination?: Register;
  readonly source?: Register;
  readonly offset?: number;
  readonly immediate?: number;
  /** A jump's target; `assemble` puts the distance into `offset`. */
  readonly target?: string;
}

/** 0 holds results, 1 the context at the start, 10 the stack; 6 to 9 outlive calls. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** A place that jumps lead to. */
export interface Label {
  readonly label: string;
}

/** Bytes that a load or store moves. */
export type Width = 1 | 2 | 4 | 8;

const INSTRUCTION_BYTES = 8;

const LOAD = 0x61;
const STORE = 0x63;
/** The size bits of a load or store, beside the 4-byte form's zero. */
const SIZE_BITS: Readonly<Record<Width, number>> = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 };
const ATOMIC_8 = 0xdb;
const ADD_AND_FETCH = 0x01;
const LOAD_64 = 0x18;
/** The immediate is a map's file descriptor, and what is loaded is the address of that map's only value. */
const MAP_VALUE: Register = 2;

export const instruction = {
  load: (width: Width, destination: Register, source: Register, offset: number): Instruction => ({
    opcode: LOAD | SIZE_BITS[width],
    destination,
    source,
    offset,
  }),
  store: (width: Width, destination: Register, offset: number, source: Register): Instruction => ({
    opcode: STORE | SIZE_BITS[width],
    destination,
    source,
    offset,
  }),
  /** Takes two places. */
  loadMapValue: (destination: Register, mapFd: number): Instruction => ({
    opcode: LOAD_64,
    destination,
    source: MAP_VALUE,
    immediate: mapFd,
  }),
  set: (destination: Register, immediate: number): Instruction => ({ opcode: 0xb7, destination, immediate }),
  add: (destination: Register, source: Register): Instruction => ({ opcode: 0x0f, destination, source }),
  addNumber: (destination: Register, immediate: number): Instruction => ({ opcode: 0x07, destination, immediate }),
  andNumber: (destination: Register, immediate: number): Instruction => ({ opcode: 0x57, destination, immediate }),
  shiftLeft: (destination: Register, immediate: number): Instruction => ({ opcode: 0x67, destination, immediate }),
  /** Adds `source` to 8 bytes of memory in one step that no other processor can get into; `source` becomes what was there. */
  fetchAndAdd: (destination: Register, offset: number, source: Register): Instruction => ({
    opcode: ATOMIC_8,
    destination,
    source,
    offset,
    immediate: ADD_AND_FETCH,
  }),
  jumpIfEqualNumber: (destination: Register, immediate: number, target: string): Instruction => ({
    opcode: 0x15,
    destination,
    immediate,
    target,
  }),
  jumpIfDifferent: (destination: Register, source: Register, target: string): Instruction => ({
    opcode: 0x5d,
    destination,
    source,
    target,
  }),
  exit: (): Instruction => ({ opcode: 0x95 }),
} as const;

/** The program's bytes, with every jump's distance filled in. @throws when a jump leads nowhere */
export function assemble(program: readonly (Instruction | Label)[]): Buffer {
  const labels = new Map<string, number>();
  const placed: { at: number; item: Instruction }[] = [];
  let at = 0;
  for (const item of program) {
    if ('label' in item) {
      labels.set(item.label, at);
      continue;
    }
    placed.push({ at, item });
    at += placesOf(item);
  }
  const bytes = Buffer.alloc(at * INSTRUCTION_BYTES);
  for (const { at: place, item } of placed) encode(bytes, place, item, jumpDistance(item, place, labels));
  return bytes;
}

const placesOf = ({ opcode }: Instruction): number => (opcode === LOAD_64 ? 2 : 1);

/** Counted from the instruction behind the jump. */
function jumpDistance({ target }: Instruction, place: number, labels: ReadonlyMap<string, number>): number | undefined {
  if (target === undefined) return undefined;
  const to = labels.get(target);
  if (to === undefined) throw new Error(`the BPF program jumps to "${target}", which is nowhere in it`);
  return to - place - 1;
}

function encode(bytes: Buffer, place: number, item: Instruction, distance: number | undefined): void {
  const { opcode, destination = 0, source = 0, offset = 0, immediate = 0 } = item;
  const at = place * INSTRUCTION_BYTES;
  bytes.writeUInt8(opcode, at);
  bytes.writeUInt8(destination | (source << 4), at + 1);
  bytes.writeInt16LE(distance ?? offset, at + 2);
  bytes.writeInt32LE(immediate, at + 4);
}
