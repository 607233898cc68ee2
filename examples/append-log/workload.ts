import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { acknowledge } from './acknowledge.ts';
import { ArgumentError, parseCount, runMain } from './command-line.ts';
import { FAULTS, isFault, type Fault } from './fault.ts';
import { operateWithHistory } from './history.ts';
import { operationKey, operationValue } from './operation.ts';
import { AppendLogStore } from './store.ts';

const USAGE = `workload DIR [COUNT] [--fault ${FAULTS.join('|')}] [--neighbour] [--plain] [--history]`;

interface Arguments {
  readonly directory: string;
  readonly count: number;
  readonly fault: Fault | undefined;
  readonly neighbour: boolean;
  readonly history: boolean;
  readonly replyFd: number | undefined;
}

runMain(USAGE, () => {
  const { directory, count, fault, neighbour, history, replyFd } = readArguments();
  const store = new AppendLogStore(directory, { fault, ...(neighbour && { beforeSync: neighbourIn(directory) }) });
  if (store.size > 0) throw new ArgumentError(`${directory} already holds a store; the workload needs a fresh one`);
  execFileSync('sync', ['-f', directory]);
  writeSync(1, 'ready\n');
  for (let number = 1; number <= count; number++) {
    if (history) operateWithHistory(store, number, replyFd);
    else {
      store.put(operationKey(number), operationValue(number));
      acknowledge(number, replyFd);
    }
  }
  // The store is left open: closing it in an orderly way is what a power cut does not do.
  return 0;
});

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      fault: { type: 'string' },
      neighbour: { type: 'boolean' },
      plain: { type: 'boolean' },
      history: { type: 'boolean' },
    },
  });
  const [directory, count = '40', ...rest] = positionals;
  if (directory === undefined || rest.length > 0)
    throw new ArgumentError('expected a directory and, if wanted, a count');
  const { fault } = values;
  if (fault !== undefined && !isFault(fault)) throw new ArgumentError(`there is no fault "${fault}"`);
  const reply = process.env['POWERCUT_ACK_REPLY'];
  return {
    directory,
    count: parseCount(count, 1),
    fault,
    neighbour: values.neighbour ?? false,
    history: values.history ?? false,
    replyFd: reply && !values.plain ? parseCount(reply, 0) : undefined,
  };
}

/** Plays another program that syncs a file of its own on the same file system, and so the whole journal. */
function neighbourIn(directory: string): () => void {
  return () => {
    const fd = openSync(join(directory, 'neighbour'), 'a');
    writeSync(fd, '.');
    fsyncSync(fd);
    closeSync(fd);
  };
}
