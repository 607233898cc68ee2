/** `no-fsync` relies on the page cache, which outlives the process; `buffer` keeps values in its own memory at first. */
export const FAULTS = ['no-fsync', 'buffer'] as const;

export type Fault = (typeof FAULTS)[number];

export function parseFault(text: string | undefined): Fault | undefined {
  const fault = FAULTS.find((each) => each === text);
  if (text === undefined || fault !== undefined) return fault;
  throw new Error(`there is no fault "${text}"`);
}
