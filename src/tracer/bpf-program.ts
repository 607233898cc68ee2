/**
 * The program that runs in the kernel with every block request of the machine: requests of the wanted device are put
 * into a ring, reads and all others apart, so that a check that reads much cannot push the writes out. The memory is
 * shared with this process. No helper function is called, so the kernel asks for no licence.
 */
import { assemble, instruction, type Register } from '../host/sys/bpf-instruction.ts';
import { READ_LETTER, type BioQueueEvent } from '../host/sys/trace-event.ts';

/** Requests that one ring holds; a power of two, so that a number is brought into the ring by masking it. */
export const RING_RECORDS = 1 << 15;
export const RECORD_BYTES = 16;
const RING_HEADER_BYTES = 16;
const RING_BYTES = RING_HEADER_BYTES + RING_RECORDS * RECORD_BYTES;

/**
 * Byte offsets in the shared memory. A ring is the number of requests so far (u64), 8 unused bytes, then records: sector
 * (u64), sector count (u32), 4 unused bytes.
 */
export const SHARED = {
  /** u32, see `tracedDevice`; 0 is no block device. */
  device: 0,
  readRing: 16,
  writeRing: 16 + RING_BYTES,
  records: RING_HEADER_BYTES,
  bytes: 16 + 2 * RING_BYTES,
} as const;

const RECORD_SECTOR = SHARED.records;
const RECORD_COUNT = SHARED.records + 8;
const RECORD_SHIFT = Math.log2(RECORD_BYTES);

/** Needs Linux 5.12, which brought the atomic instruction that returns the old value. */
export function tracingProgram(event: BioQueueEvent, mapFd: number): Buffer {
  const { load, store, loadMapValue, set, add, addNumber, andNumber, shiftLeft, fetchAndAdd, exit } = instruction;
  const { jumpIfDifferent, jumpIfEqualNumber } = instruction;
  const place: Register = 0;
  const context: Register = 1;
  const shared: Register = 2;
  const scratch: Register = 3;
  const sectorCount: Register = 4;
  const sector: Register = 5;
  return assemble([
    loadMapValue(shared, mapFd),
    load(4, scratch, context, event.deviceAt),
    load(4, place, shared, SHARED.device),
    jumpIfDifferent(scratch, place, 'done'),
    load(4, sectorCount, context, event.sectorCountAt),
    // A flush without data.
    jumpIfEqualNumber(sectorCount, 0, 'done'),
    load(8, sector, context, event.sectorAt),
    load(1, scratch, context, event.operationAt),
    addNumber(shared, SHARED.readRing),
    jumpIfEqualNumber(scratch, READ_LETTER, 'record'),
    addNumber(shared, SHARED.writeRing - SHARED.readRing),
    { label: 'record' },
    set(place, 1),
    fetchAndAdd(shared, 0, place),
    andNumber(place, RING_RECORDS - 1),
    shiftLeft(place, RECORD_SHIFT),
    add(shared, place),
    store(8, shared, RECORD_SECTOR, sector),
    store(4, shared, RECORD_COUNT, sectorCount),
    { label: 'done' },
    // 0: a perf event that listens need not hear of it.
    set(place, 0),
    exit(),
  ]);
}
