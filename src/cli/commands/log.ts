import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describeEntry, describeLog, entryToJson } from '../../dmlog/describe.ts';
import { indexLog } from '../../dmlog/log-index.ts';
import { openLogFile } from '../../dmlog/log-source.ts';
import { readEntries, readSuperblock } from '../../dmlog/reader.ts';
import { UsageError } from '../../errors.ts';
import { writeOut } from '../write-out.ts';

export function addLogCommand(program: Command): void {
  program
    .command('log')
    .argument('<file>', 'a log file, or a recording folder')
    .description('print a dm-log-writes (or QEMU blklogwrites) log readably')
    .option('--json', 'one JSON object a line')
    .option('--summary', 'the summary only')
    .action((file: string, options: { json?: boolean; summary?: boolean }) => printLog(logFile(file), options));
}

function logFile(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new UsageError(`${path}: no such file`);
  return stat.isDirectory() ? join(path, 'log') : path;
}

async function printLog(path: string, options: { json?: boolean; summary?: boolean }): Promise<void> {
  const source = openLogFile(path);
  try {
    if (!options.summary) {
      for (const entry of readEntries(source)) {
        const line = options.json ? JSON.stringify(entryToJson(entry)) : describeEntry(entry);
        if (!(await writeOut(`${line}\n`))) return;
      }
    }
    if (!options.json) await writeOut(`${describeLog(indexLog(source), readSuperblock(source))}\n`);
  } finally {
    source.close();
  }
}
