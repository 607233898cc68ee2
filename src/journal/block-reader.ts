/** The disk, as far as its file system's journal needs to be read. Fills `target` from this byte on. */
export type ReadDisk = (target: Buffer, offsetBytes: number) => void;

export function readBytes(read: ReadDisk, offsetBytes: number, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  read(bytes, offsetBytes);
  return bytes;
}

/** Why a journal is left to the kernel alone. Never a fault: thrown and caught within this folder. */
export class NotUnderstood extends Error {}
