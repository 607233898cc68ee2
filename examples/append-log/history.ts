import { readSync, writeSync } from 'node:fs';
import { operationValue } from './operation.ts';
import type { AppendLogStore } from './store.ts';

const KEYS = 7;

/**
 * Does the i-th operation and tells powercut before and after it; powercut then knows what the store must hold, and needs
 * no check. Seven keys are put and overwritten in turn, and every sixth operation deletes one.
 * @param replyFd where answers come, undefined to go on at once
 */
export function operateWithHistory(store: AppendLogStore, id: number, replyFd: number | undefined): void {
  const key = `slot-${id % KEYS}`;
  const reply = replyFd !== undefined;
  const timeMs = (): number => performance.timeOrigin + performance.now();
  if (id % 6 === 0) {
    tell({ type: 'invoke', id, op: 'delete', key, reply, timeMs: timeMs() }, replyFd);
    store.delete(key);
  } else {
    const value = operationValue(id);
    tell({ type: 'invoke', id, op: 'put', key, value, reply, timeMs: timeMs() }, replyFd);
    store.put(key, value);
  }
  tell({ type: 'ok', id, timeMs: timeMs() }, replyFd);
}

/** Prints a line and waits until powercut has it in its log. */
function tell(event: object, replyFd: number | undefined): void {
  writeSync(1, `${JSON.stringify(event)}\n`);
  if (replyFd !== undefined && readSync(replyFd, Buffer.alloc(1)) !== 1) {
    throw new Error(`the answer never came: descriptor ${replyFd} was closed`);
  }
}
