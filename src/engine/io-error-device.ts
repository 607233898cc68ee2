/**
 * A device between file system and write log that fails writes for a while: drivers/md/dm-flakey.c. It stands above the log,
 * so that what failed is in no log. Outside that time it is dm-linear, which changes nothing.
 */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../errors.ts';
import { blockNode } from '../host/block-device.ts';
import type { Scope } from '../host/scope.ts';
import {
  createDevice,
  listTargets,
  loadTarget,
  resumeDevice,
  sendMessage,
  suspendDevice,
} from '../host/sys/device-mapper.ts';
import { IO_ERROR_END, IO_ERROR_START } from '../replay/io-error.ts';
import type { IoErrorSpec } from '../stores/io-error-spec.ts';
import { loadModule } from './kernel-filesystems.ts';
import { removePatiently, type LogWritesDevice } from './log-writes-device.ts';

export interface IoErrorDevice {
  readonly path: string;
  /** For the thread that reads acknowledgements, too: a plain value. */
  readonly window: IoErrorWindowInput;
  remove(): Promise<void>;
}

export interface IoErrorWindowInput {
  readonly spec: IoErrorSpec;
  readonly control: number;
  /** Names of the device, and of the log's below it. */
  readonly name: string;
  readonly log: string;
  /** The kernel's counts of the device: Documentation/block/stat.rst. */
  readonly statPath: string;
  readonly linear: string;
  readonly sectors: number;
  /** Int32: phase, writes before it opened, writes that failed. */
  readonly shared: SharedArrayBuffer;
}

/** Places of the shared numbers. */
const PHASE = 0;
const BEFORE = 1;
const FAILED = 2;

const WAITING = 0;
const OPEN = 1;
const CLOSED = 2;

/** "write I/Os", a flush without data among them. */
const WRITES_FIELD = 4;
const POLL_MS = 1;

/** @throws UnavailableError when this kernel has no dm-flakey */
export async function createIoErrorDevice(
  scope: Scope,
  name: string,
  spec: IoErrorSpec,
  log: LogWritesDevice,
  sectors: number,
  nodeFolder: string,
): Promise<IoErrorDevice> {
  const { control } = log;
  await requireFlakey(control);
  const linear = `${log.major}:${log.minor} 0`;
  const device = createDevice(control, name, { lengthSectors: sectors, type: 'linear', parameters: linear });
  let removed = false;
  const remove = async (): Promise<void> => {
    if (!removed) await removePatiently(control, name);
    removed = true;
  };
  scope.add(`device ${name}`, remove);
  // Up for 0 seconds, then down: always down. A table gets ready here and begins with the next resume.
  const parameters = `${linear} 0 1 1 error_writes`;
  loadTarget(control, name, { lengthSectors: sectors, type: 'flakey', parameters });
  const { path } = blockNode(`dm-${device.minor}`, device.major, device.minor, nodeFolder);
  const statPath = `/sys/dev/block/${device.major}:${device.minor}/stat`;
  const shared = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  return { path, remove, window: { spec, control, name, log: log.name, statPath, linear, sectors, shared } };
}

async function requireFlakey(control: number): Promise<void> {
  if (!listTargets(control).has('flakey')) await loadModule('dm-flakey');
  if (listTargets(control).has('flakey')) return;
  throw new UnavailableError(
    `the kernel that was to record, ${release()}, has no dm-flakey, with which --io-error makes writes fail: ` +
      'try another one with --vm, see: powercut doctor',
  );
}

/** Two threads may hold one each for the same device; each change is made by one of them. */
export class IoErrorWindow {
  readonly #input: IoErrorWindowInput;
  readonly #shared: Int32Array;

  constructor(input: IoErrorWindowInput) {
    this.#input = input;
    this.#shared = new Int32Array(input.shared);
  }

  get opened(): boolean {
    return Atomics.load(this.#shared, PHASE) !== WAITING;
  }

  get isOpen(): boolean {
    return Atomics.load(this.#shared, PHASE) === OPEN;
  }

  /** Writes and flushes that failed; while it is open, so far. */
  get failedWrites(): number {
    if (!this.isOpen) return Atomics.load(this.#shared, FAILED);
    return this.#writes() - Atomics.load(this.#shared, BEFORE);
  }

  /** To be called once. From its return on every write fails. */
  open(): void {
    const { control, name, sectors, linear } = this.#input;
    this.#swap(IO_ERROR_START, () => Atomics.store(this.#shared, BEFORE, this.#writes()));
    loadTarget(control, name, { lengthSectors: sectors, type: 'linear', parameters: linear });
    Atomics.store(this.#shared, PHASE, OPEN);
  }

  /** From its return on no write fails. Does nothing when it is not open. */
  close(): void {
    const shared = this.#shared;
    if (Atomics.compareExchange(shared, PHASE, OPEN, CLOSED) !== OPEN) return;
    this.#swap(IO_ERROR_END, () => Atomics.store(shared, FAILED, this.#writes() - Atomics.load(shared, BEFORE)));
  }

  /** Waits until a write has failed and the time after that is over, and closes it; or until somebody else has. */
  async closeWhenOver(): Promise<void> {
    const { lastsMs = Infinity } = this.#input.spec;
    let failedAt = Infinity;
    while (this.isOpen) {
      if (failedAt === Infinity && this.failedWrites > 0) failedAt = performance.now();
      if (performance.now() - failedAt >= lastsMs) this.close();
      else await sleep(POLL_MS);
    }
  }

  /** Makes the table that was loaded the live one, with a mark at that point of the log: nothing is under way then. */
  #swap(mark: string, between: () => void): void {
    const { control, name, log } = this.#input;
    suspendDevice(control, name);
    try {
      between();
      sendMessage(control, log, ['mark', mark]);
    } finally {
      resumeDevice(control, name);
    }
  }

  #writes(): number {
    return Number(readFileSync(this.#input.statPath, 'latin1').trim().split(/\s+/)[WRITES_FIELD]);
  }
}
