/**
 * What a recovered store says it holds. A dump command prints one JSON line a key, `{"key":"k","value":"v"}`, and blank
 * lines do not count; a function returns such objects, pairs, or one object from key to value.
 */
export type Dump =
  | { readonly kind: 'entries'; readonly entries: ReadonlyMap<string, string> }
  | { readonly kind: 'unusable'; readonly reason: string };

/** The output of a command. */
export function parseDump(text: string): Dump {
  const entries = new Map<string, string>();
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line.trim() === '') continue;
    const fault = addEntry(entries, parseLine(line));
    if (fault !== undefined) return unusable(`line ${number} of the dump ${fault}`);
  }
  return { kind: 'entries', entries };
}

/**
 * The answer of a function. What it throws while its entries are read is not caught here.
 * @param charactersMax of all keys and values; the bound of a generator that never ends
 * @returns undefined when it is nothing that could hold entries
 */
export async function collectDump(answer: unknown, charactersMax: number): Promise<Dump | undefined> {
  const listed = listEntries(answer);
  if (listed === undefined) return undefined;
  const entries = new Map<string, string>();
  let number = 0;
  let characters = 0;
  for await (const each of listed) {
    number++;
    const entry = toEntry(each);
    const fault = addEntry(entries, entry);
    if (fault !== undefined) return unusable(`entry ${number} of the dump ${fault}`);
    characters += entry!.key.length + entry!.value.length;
    if (characters > charactersMax) return unusable(`the dump holds more than ${charactersMax} characters`);
  }
  return { kind: 'entries', entries };
}

interface Entry {
  readonly key: string;
  readonly value: string;
}

const unusable = (reason: string): Dump => ({ kind: 'unusable', reason });

/** @returns what is wrong with it */
function addEntry(entries: Map<string, string>, entry: Entry | undefined): string | undefined {
  if (entry === undefined) return 'is no {"key":"...","value":"..."} with two strings';
  // Whether the store or its dump is at fault, nobody can say.
  if (entries.has(entry.key)) return `holds the key ${JSON.stringify(entry.key)} again`;
  entries.set(entry.key, entry.value);
  return undefined;
}

function parseLine(line: string): Entry | undefined {
  try {
    return toEntry(JSON.parse(line), 'object');
  } catch {
    return undefined;
  }
}

function listEntries(answer: unknown): Iterable<unknown> | AsyncIterable<unknown> | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  if (Symbol.asyncIterator in answer || Symbol.iterator in answer) return answer as Iterable<unknown>;
  return Object.entries(answer);
}

function toEntry(value: unknown, shape: 'object' | 'any' = 'any'): Entry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const pair = Array.isArray(value) && value.length === 2 && shape === 'any';
  const [key, held]: unknown[] = pair ? value : [(value as Partial<Entry>).key, (value as Partial<Entry>).value];
  return typeof key === 'string' && typeof held === 'string' ? { key, value: held } : undefined;
}
