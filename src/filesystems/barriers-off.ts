/** Options of mount that take the flushes away, and those that give them back. */
const BARRIERS: Readonly<Record<string, boolean>> = {
  barrier: false,
  'barrier=1': false,
  nobarrier: true,
  'barrier=0': true,
};

/**
 * What a verdict then assumes. dm-log-writes puts a write into the log when a flush covers it, so without any the marks of
 * all acknowledgements stand before all writes: the recording cannot tell which writes were done by an acknowledgement.
 */
const assumption = (option: string): string =>
  `${option}: an fsync sends no flush and reaches no further than the disk's cache. What is lost here is lost on a disk ` +
  'whose cache is volatile, and no store could keep it; a disk that keeps its cache (battery, capacitors) is not judged';

/**
 * @param switches options that take flushes away (true) or give them back; of several the last one wins, as in the kernel
 * @returns nothing while barriers are on
 */
export function barriersOff(mountOptions: readonly string[], switches = BARRIERS): readonly string[] {
  const last = mountOptions.findLast((option) => Object.hasOwn(switches, option));
  return last !== undefined && switches[last] ? [assumption(last)] : [];
}
