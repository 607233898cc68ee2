/**
 * One page of the kernel's trace ring buffer as `trace_pipe_raw` gives it out: include/linux/ring_buffer.h,
 * kernel/trace/ring_buffer.c; layout as in `events/header_page` and `events/header_event` of a 64-bit kernel,
 * little-endian. The binary form is read and not the text, since a process may put any text into its name and so into
 * the lines.
 */
const COMMIT_AT = 8;
const DATA_AT = 16;
/** The number of data bytes has flags above it. */
const COMMIT_MASK = (1 << 27) - 1;
const MISSED_EVENTS = 0x8000_0000;

/** Values of an event header's lower 5 bits. 1 to 28: the length in units of 4 bytes. */
const LENGTH_FOLLOWS = 0;
const PADDING = 29;
const TIME_EXTEND = 30;
const TIME_STAMP = 31;
const HEADER_BYTES = 4;
const TIME_BYTES = 8;

/**
 * Calls `visit` with where each event's record starts and ends in the page; `common_type` (u16) comes first in it.
 * @returns false when the kernel had no room and dropped events before this page, or the page cannot be understood
 */
export function readRingBufferPage(page: Buffer, visit: (startAt: number, endAt: number) => void): boolean {
  if (page.length < DATA_AT) return false;
  const commit = page.readUInt32LE(COMMIT_AT);
  const endAt = DATA_AT + (commit & COMMIT_MASK);
  if (endAt > page.length) return false;
  for (let at = DATA_AT; at + HEADER_BYTES <= endAt;) {
    const event = measureEvent(page, at, endAt);
    if (event.next > endAt || event.next <= at) return false;
    if (event.startAt < event.next) visit(event.startAt, event.next);
    at = event.next;
  }
  return (commit & MISSED_EVENTS) === 0;
}

/** `startAt` at or behind `next`: there is no record in it. */
function measureEvent(page: Buffer, at: number, endAt: number): { startAt: number; next: number } {
  const header = page.readUInt32LE(at);
  const kind = header & 0x1f;
  const timeDelta = header >>> 5;
  if (kind === TIME_EXTEND || kind === TIME_STAMP) return nothingUntil(at + TIME_BYTES);
  // Padding without a time is the rest of the page.
  if (kind === PADDING && timeDelta === 0) return nothingUntil(endAt);
  if (kind !== PADDING && kind !== LENGTH_FOLLOWS)
    return { startAt: at + HEADER_BYTES, next: at + HEADER_BYTES + 4 * kind };
  if (at + 2 * HEADER_BYTES > endAt) return nothingUntil(at);
  // The length counts itself and not the header.
  const next = at + HEADER_BYTES + page.readUInt32LE(at + HEADER_BYTES);
  return kind === PADDING ? nothingUntil(next) : { startAt: at + 2 * HEADER_BYTES, next };
}

const nothingUntil = (next: number): { startAt: number; next: number } => ({ startAt: next, next });
