import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkDirectory } from './check-directory.ts';
import { ArgumentError, parseCount, runMain } from './command-line.ts';

runMain('check DIR COUNT', () => {
  const [directory, count, ...rest] = parseArgs({ allowPositionals: true }).positionals;
  if (directory === undefined || count === undefined || rest.length > 0) {
    throw new ArgumentError('expected a directory and the number of acknowledged operations');
  }
  const violation = checkDirectory(directory, parseCount(count, 0));
  if (violation === undefined) return 0;
  writeSync(1, `${violation.class}: ${violation.detail}\n`);
  return 1;
});
