/** Blocks this thread: for the kernel's sake, where there is nothing else to do meanwhile. */
export function sleepSync(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
