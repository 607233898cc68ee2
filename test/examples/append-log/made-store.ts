import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Fault } from '../../../examples/append-log/fault.ts';
import { operationKey, operationValue } from '../../../examples/append-log/operation.ts';
import { AppendLogStore } from '../../../examples/append-log/store.ts';

/** An empty folder that goes when the test ends. */
export function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'powercut-append-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A folder with the store that the workload leaves after so many operations. */
export function madeStore(count: number, fault?: Fault): string {
  const directory = freshDirectory();
  putOperations(new AppendLogStore(directory, { fault }), 1, count);
  return directory;
}

export function putOperations(store: AppendLogStore, first: number, last: number): void {
  for (let number = first; number <= last; number++) store.put(operationKey(number), operationValue(number));
}
