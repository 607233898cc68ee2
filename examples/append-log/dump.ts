import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ArgumentError, runMain } from './command-line.ts';
import { recover } from './recover.ts';
import { applyRecord } from './stored-record.ts';

runMain('dump DIR', () => {
  const [directory, ...rest] = parseArgs({ allowPositionals: true }).positionals;
  if (directory === undefined || rest.length > 0) throw new ArgumentError('expected a directory');
  const { records, damage } = recover(directory);
  if (damage !== undefined) {
    writeSync(1, `${damage.class}: ${damage.detail}\n`);
    return 1;
  }
  const values = new Map<string, string>();
  for (const record of records) applyRecord(values, record);
  for (const [key, value] of values) writeSync(1, `${JSON.stringify({ key, value })}\n`);
  return 0;
});
