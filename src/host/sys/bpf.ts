/**
 * BPF maps and programs: bpf(2), perf_event_open(2), include/uapi/linux/bpf.h and perf_event.h. Everything made here is
 * held by its file descriptor alone and is gone with the process.
 */
import { closeSync } from 'node:fs';
import koffi from 'koffi';
import { messageOf, UnavailableError } from '../../errors.ts';
import { call } from './libc.ts';
import { systemCall } from './system-call.ts';

const MAP_CREATE = 0;
const PROG_LOAD = 5;
const MAP_TYPE_ARRAY = 2;
const PROG_TYPE_TRACEPOINT = 5;
/** The value can be mapped into this process (Linux 5.5). */
const F_MMAPABLE = 0x400;
const KEY_BYTES = 4;
const INSTRUCTION_BYTES = 8;
const VERIFIER_LOG_BYTES = 64 * 1024;

const PERF_TYPE_TRACEPOINT = 2;
const PERF_FLAG_FD_CLOEXEC = 8;
const PERF_EVENT_IOC_SET_BPF = 0x40042408;
const EVERY_PROCESS = -1;
const FIRST_CPU = 0;
const NO_GROUP = -1;

/** The leading members of `union bpf_attr`; the kernel takes those that are not given for zero. */
const MapAttributes = koffi.struct('PowercutBpfMap', {
  type: 'uint32_t',
  keyBytes: 'uint32_t',
  valueBytes: 'uint32_t',
  entries: 'uint32_t',
  flags: 'uint32_t',
});
const ProgramAttributes = koffi.struct('PowercutBpfProgram', {
  type: 'uint32_t',
  instructionCount: 'uint32_t',
  instructions: 'void *',
  license: 'const char *',
  logLevel: 'uint32_t',
  logBytes: 'uint32_t',
  log: 'void *',
});
/** struct perf_event_attr as it was first (PERF_ATTR_SIZE_VER0, 64 bytes): every kernel takes it. */
const EventAttributes = koffi.struct('PowercutPerfEvent', {
  type: 'uint32_t',
  sizeBytes: 'uint32_t',
  config: 'uint64_t',
  unused: koffi.array('uint64_t', 6),
});

const createMap = systemCall('bpf', 'int command, PowercutBpfMap *attributes, uint32_t sizeBytes');
const loadProgram = systemCall('bpf', 'int command, PowercutBpfProgram *attributes, uint32_t sizeBytes');
const openEvent = systemCall(
  'perf_event_open',
  'PowercutPerfEvent *attributes, int32_t pid, int32_t cpu, int32_t group, uint64_t flags',
);

/** A map of one value that can be mapped with mmap(2). @returns its descriptor. @throws SystemCallError */
export function createValueMap(valueBytes: number): number {
  const attributes = { type: MAP_TYPE_ARRAY, keyBytes: KEY_BYTES, valueBytes, entries: 1, flags: F_MMAPABLE };
  return createMap('BPF_MAP_CREATE', MAP_CREATE, attributes, koffi.sizeof(MapAttributes));
}

/**
 * Has the kernel verify a program for tracepoints. It may call no function that the kernel keeps for GPL programs.
 * @returns its descriptor
 * @throws SystemCallError when the caller may not, UnavailableError with the verifier's last words when it refuses
 */
export function loadTracepointProgram(instructions: Buffer): number {
  try {
    return load(instructions, Buffer.alloc(0));
  } catch (error) {
    // A log that is too small fails a good program, so it is only asked for when there is something to explain.
    const log = Buffer.alloc(VERIFIER_LOG_BYTES);
    const words = lastWords(() => load(instructions, log), log);
    if (words === '') throw error;
    throw new UnavailableError(`${messageOf(error)}: ${words}`, { cause: error });
  }
}

/**
 * Runs the program whenever the tracepoint is passed, on every processor: the perf event is bound to one of them, but a
 * BPF program hangs on the tracepoint itself (perf_event_set_bpf_prog() of kernel/events/core.c) until the event closes.
 * @param eventId as in the event's `format` file
 * @returns the perf event's descriptor
 * @throws SystemCallError; E2BIG when 64 programs hang on it already
 */
export function attachToTracepoint(programFd: number, eventId: number): number {
  const attributes = {
    type: PERF_TYPE_TRACEPOINT,
    sizeBytes: koffi.sizeof(EventAttributes),
    config: eventId,
    unused: NONE,
  };
  const fd = openEvent(`event ${eventId}`, attributes, EVERY_PROCESS, FIRST_CPU, NO_GROUP, PERF_FLAG_FD_CLOEXEC);
  try {
    call('ioctlNumber', `event ${eventId}, PERF_EVENT_IOC_SET_BPF`, fd, PERF_EVENT_IOC_SET_BPF, programFd);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

const NONE = [0, 0, 0, 0, 0, 0];

function load(instructions: Buffer, log: Buffer): number {
  const attributes = {
    type: PROG_TYPE_TRACEPOINT,
    instructionCount: instructions.length / INSTRUCTION_BYTES,
    instructions,
    license: 'MIT',
    logLevel: log.length > 0 ? 1 : 0,
    logBytes: log.length,
    log: log.length > 0 ? log : null,
  };
  return loadProgram('BPF_PROG_LOAD', PROG_LOAD, attributes, koffi.sizeof(ProgramAttributes));
}

/** What the verifier complains of stands above its closing statistics. */
function lastWords(attempt: () => number, log: Buffer): string {
  try {
    closeSync(attempt());
    return '';
  } catch {
    const lines = log.toString('latin1', 0, log.indexOf(0)).split('\n');
    return lines.filter((line) => line !== '' && !line.startsWith('processed ')).at(-1) ?? '';
  }
}
