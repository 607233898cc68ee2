/** Four mistakes that real stores make, one at a time. Each leaves out or swaps a single step of the sound store. */
export const FAULTS = ['ack-before-fsync', 'text-records', 'rotate-without-dirsync', 'rename-without-fsync'] as const;

export type Fault = (typeof FAULTS)[number];

export function isFault(text: string): text is Fault {
  return (FAULTS as readonly string[]).includes(text);
}
