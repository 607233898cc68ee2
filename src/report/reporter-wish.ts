import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';

/** One word of `--reporter`: `junit`, or `junit=out.xml`. */
export interface ReporterWish {
  readonly name: string;
  /** The file that takes its results in place of standard output. */
  readonly file?: string;
}

/** Where a reporter puts its results: lines for people can stand together, a document for programs stands alone. */
export type ReporterOutput = 'lines' | 'document' | 'elsewhere';

/** @throws UsageError for a file without a name */
export function parseReporterWish(word: string): ReporterWish {
  const [name = '', ...rest] = word.split('=');
  if (rest.length === 0) return { name };
  const file = rest.join('=');
  if (file === '') throw new UsageError(`--reporter ${word}: there is no file after "="`);
  // The same word as `--json` has for it.
  return file === '-' ? { name } : { name, file };
}

/** Each once: the same reporter may write several files, but not one file twice. */
export function distinctWishes(wishes: readonly ReporterWish[]): ReporterWish[] {
  const byText = new Map(wishes.map((wish) => [JSON.stringify([wish.name, wish.file]), wish]));
  return [...byText.values()];
}

/** @throws UsageError when two would write over each other */
export function assertApart(wishes: readonly ReporterWish[], outputOf: (name: string) => ReporterOutput): void {
  const owners = new Map<string, string>();
  for (const { name, file } of wishes) {
    if (file === undefined) continue;
    if (outputOf(name) === 'elsewhere') throw new UsageError(`--reporter ${name}=${file}: ${name} takes no file`);
    const other = owners.get(resolve(file));
    if (other !== undefined) throw new UsageError(`--reporter: ${other} and ${name} would both write ${file}`);
    owners.set(resolve(file), name);
  }
  const onStdout = wishes.filter(({ name, file }) => file === undefined && outputOf(name) !== 'elsewhere');
  const document = onStdout.find(({ name }) => outputOf(name) === 'document');
  const other = onStdout.find((wish) => wish !== document);
  if (document === undefined || other === undefined) return;
  throw new UsageError(
    `--reporter: ${document.name} and ${other.name} would both write to standard output; ` +
      `give ${document.name} a file: ${document.name}=FILE`,
  );
}
