/** What a dump command prints: one JSON line a key, `{"key":"k","value":"v"}`. Blank lines do not count. */
export type Dump =
  | { readonly kind: 'entries'; readonly entries: ReadonlyMap<string, string> }
  | { readonly kind: 'unusable'; readonly reason: string };

export function parseDump(text: string): Dump {
  const entries = new Map<string, string>();
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line.trim() === '') continue;
    const entry = parseEntry(line);
    if (entry === undefined)
      return unusable(`line ${number} of the dump is no {"key":"...","value":"..."} with two strings`);
    // Whether the store or its dump is at fault, nobody can say.
    if (entries.has(entry.key))
      return unusable(`line ${number} of the dump holds the key ${JSON.stringify(entry.key)} again`);
    entries.set(entry.key, entry.value);
  }
  return { kind: 'entries', entries };
}

const unusable = (reason: string): Dump => ({ kind: 'unusable', reason });

function parseEntry(line: string): { readonly key: string; readonly value: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { key, value: held } = value as Readonly<Record<string, unknown>>;
  return typeof key === 'string' && typeof held === 'string' ? { key, value: held } : undefined;
}
