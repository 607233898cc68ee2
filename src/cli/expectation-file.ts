import { existsSync, readFileSync } from 'node:fs';
import { validateExpectation } from '../compare/expectation-schema.ts';
import type { Expectation } from '../compare/expectation.ts';
import { messageOf, UsageError } from '../errors.ts';
import { writeDocument } from './write-document.ts';

const FAULTS_SHOWN = 5;

/** The committed table. @throws UsageError when there is none, or the file is something else */
export function readExpectation(file: string): Expectation {
  if (!existsSync(file)) throw new UsageError(`--expect ${file}: there is no such file; --update writes it`);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--expect ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const faults = validateExpectation(document);
  if (faults.length === 0) return document as Expectation;
  const shown = faults.slice(0, FAULTS_SHOWN).map((fault) => `  ${fault}`);
  throw new UsageError(`--expect ${file} is no table of expectations; --update writes one:\n${shown.join('\n')}`);
}

export async function writeExpectation(file: string, expectation: Expectation): Promise<void> {
  await writeDocument(file, `${JSON.stringify(expectation, null, 2)}\n`);
}
