import { readSync, writeSync } from 'node:fs';

/**
 * Tells powercut that an operation is durable. It answers with one byte once the mark is in the log; waiting for that
 * byte keeps the next operation's writes out from before the mark.
 * @param replyFd where the answer comes, undefined to go on at once
 */
export function acknowledge(id: number, replyFd: number | undefined): void {
  writeSync(1, `ack ${id}\n`);
  if (replyFd !== undefined && readSync(replyFd, Buffer.alloc(1)) !== 1) {
    throw new Error(`the answer to "ack ${id}" never came: descriptor ${replyFd} was closed`);
  }
}
