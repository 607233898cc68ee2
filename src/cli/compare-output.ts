import { resolve } from 'node:path';
import { validateComparison } from '../compare/comparison-schema.ts';
import type { Comparison } from '../compare/comparison.ts';
import { comparisonMarkdown } from '../compare/markdown.ts';
import { comparisonText } from '../compare/text-table.ts';
import { StepError, UsageError } from '../errors.ts';
import { createColours, wantsColour } from '../report/colour.ts';
import { assertDocumentFile, writeDocument } from './write-document.ts';
import { writeOut } from './write-out.ts';

export interface CompareOutput {
  readonly json?: string | undefined;
  readonly markdown?: string | undefined;
  readonly expect?: string | undefined;
}

/** @throws UsageError for places that cannot be written, or would be written twice */
export function assertOutput({ json, markdown, expect }: CompareOutput): void {
  const places = [
    ['--json', json],
    ['--markdown', markdown],
    ['--expect', expect],
  ] as const;
  if (expect === '-') throw new UsageError('--expect takes a file that is kept, not "-"');
  for (const [flag, file] of places) {
    assertDocumentFile(flag, file);
    const other = places.find(([name, path]) => name !== flag && path !== undefined && file && isSame(path, file));
    if (other) throw new UsageError(`${flag} and ${other[0]} would both write ${file}`);
  }
}

const isSame = (left: string, right: string): boolean => resolve(left) === resolve(right);

/** Whether standard output is a document, beside which nothing else may stand. */
export const takesStdout = ({ json, markdown }: CompareOutput): boolean => json === '-' || markdown === '-';

/** A place for lines that people read: standard output, unless that is a document. */
export async function say(lines: readonly string[], output: CompareOutput): Promise<void> {
  const text = `${lines.join('\n')}\n`;
  if (takesStdout(output)) process.stderr.write(text);
  else await writeOut(text);
}

/** The table for people first: should a file fail, they still have it. @throws StepError for a document that breaks its schema */
export async function publishComparison(comparison: Comparison, output: CompareOutput): Promise<void> {
  const stream = takesStdout(output) ? process.stderr : process.stdout;
  const colours = createColours(wantsColour(process.env, stream.isTTY));
  await say(['', ...comparisonText(comparison, colours)], output);
  const { json, markdown } = output;
  if (markdown !== undefined) await writeDocument(markdown, comparisonMarkdown(comparison));
  if (json === undefined) return;
  const faults = validateComparison(comparison);
  if (faults.length > 0)
    throw new StepError('bad-comparison', `the comparison breaks its own schema:\n${faults.join('\n')}`);
  await writeDocument(json, `${JSON.stringify(comparison, null, 2)}\n`);
}
