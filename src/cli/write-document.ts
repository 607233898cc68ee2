import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../errors.ts';
import { giveToCaller } from '../host/caller.ts';
import { writeDurably } from '../host/durable.ts';
import { writeOut } from './write-out.ts';

/**
 * To be asked before the run, at whose end it would be too late.
 * @param flag for the message, such as `--json` @throws UsageError when the file can have no place
 */
export function assertDocumentFile(flag: string, file: string | undefined): void {
  if (file === undefined || file === '-') return;
  const folder = dirname(file);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`${flag} ${file}: there is no folder ${folder}`);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`${flag} ${file}: that is a folder`);
}

/** Whole or not at all. @param file `-` for standard output */
export async function writeDocument(file: string, text: string): Promise<void> {
  if (file === '-') await writeOut(text);
  // A pipe or device (`--json >(jq)`, /dev/stdout) cannot be replaced by a rename.
  else if (file.startsWith('/dev/') || file.startsWith('/proc/')) writeFileSync(file, text);
  else {
    writeDurably(file, text);
    giveToCaller(file);
  }
}
