import { parseArgs } from 'node:util';
import { ArgumentError, runMain } from './command-line.ts';
import { AppendLogStore } from './store.ts';

/**
 * Opens the store as its next user would, and so lets it recover. A store that finds itself damaged refuses, which is no
 * wrong answer: then this fails.
 */
runMain('open DIR', () => {
  const [directory, ...rest] = parseArgs({ allowPositionals: true }).positionals;
  if (directory === undefined || rest.length > 0) throw new ArgumentError('expected a directory');
  void new AppendLogStore(directory);
  return 0;
});
