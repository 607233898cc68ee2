import { fsyncSync, readSync, writeSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { flushBlockDevice } from '../host/sys/block-cache.ts';
import { openBpfTracer } from './bpf-tracer.ts';
import { CheckedTracer } from './checked-tracer.ts';
import { openComparingTracer } from './comparing-tracer.ts';
import { openTracefsTracer } from './tracefs-tracer.ts';
import type { BlockTracer, DeviceNumber, TracerKind } from './tracer.ts';

/** From the cheapest to the one that always works. */
const OPENERS: Readonly<Record<TracerKind, () => BlockTracer>> = {
  bpf: openBpfTracer,
  tracefs: openTracefsTracer,
  compare: openComparingTracer,
};

const TRIAL_BYTES = 4096;

export interface TracedDevice extends DeviceNumber {
  readonly path: string;
  /** Open for reading and writing. */
  readonly fd: number;
}

export interface TracerChoice {
  readonly tracer: BlockTracer;
  /** Those that would have been preferred, and why they cannot be used here. */
  readonly refused: readonly { readonly kind: TracerKind; readonly reason: string }[];
}

/**
 * The best tracer that works here, already started. Tried and not assumed: it has to see a write, so the device's first
 * 4096 bytes are written once with what they hold.
 * @param device at rest and not mounted
 */
export function chooseTracer(device: TracedDevice, open: typeof OPENERS = OPENERS): TracerChoice {
  const refused: { kind: TracerKind; reason: string }[] = [];
  for (const kind of ['bpf', 'tracefs'] as const) {
    try {
      return { tracer: openTried(device, open[kind]), refused };
    } catch (error) {
      refused.push({ kind, reason: messageOf(error).split('\n', 1)[0]! });
    }
  }
  return { tracer: open.compare(), refused };
}

/** `bpf`, or `compare (bpf: <why not>; tracefs: <why not>)`. */
export function describeTracer({ tracer, refused }: TracerChoice): string {
  if (refused.length === 0) return tracer.kind;
  return `${tracer.kind} (${refused.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ')})`;
}

function openTried(device: TracedDevice, open: () => BlockTracer): BlockTracer {
  const tracer = new CheckedTracer(open());
  try {
    tracer.start(device);
    demandSight(tracer, device);
    return tracer;
  } catch (error) {
    tracer.close();
    throw error;
  }
}

/** @throws when the tracer does not report one write of the device's first bytes, or the kernel did not count it */
function demandSight(tracer: BlockTracer, { fd, path }: TracedDevice): void {
  const content = Buffer.alloc(TRIAL_BYTES);
  readSync(fd, content, 0, TRIAL_BYTES, 0);
  writeSync(fd, content, 0, TRIAL_BYTES, 0);
  fsyncSync(fd);
  flushBlockDevice(fd, path);
  const seen = tracer.collect().written?.extents ?? [];
  if (seen.length === 1 && seen[0]!.offsetBytes === 0 && seen[0]!.lengthBytes === TRIAL_BYTES) return;
  throw new Error(`it did not report a write of the first ${TRIAL_BYTES} bytes of ${path} that was made to try it`);
}
