import type { Decoded, StoredRecord } from './stored-record.ts';

/**
 * The fault `text-records`: a line `key value` for each record, `!key` for a deletion. Nothing in it tells a whole line from half of one, so
 * every byte that the file system shows after a crash is taken for data.
 */
export function encodeText(record: StoredRecord): Buffer {
  return Buffer.from(record.deleted ? `!${record.key}\n` : `${record.key} ${record.value}\n`);
}

export function decodeText(bytes: Buffer, firstSequence: number): Decoded {
  const lines = bytes.toString('utf8').split('\n');
  // What follows the last line feed is nothing, unless the last line is cut short.
  if (lines.at(-1) === '') lines.pop();
  const records = lines.map((line, i) => {
    const sequence = firstSequence + i;
    if (line.startsWith('!')) return { sequence, key: line.slice(1), value: '', deleted: true } as const;
    const [key = '', value = ''] = line.split(' ');
    return { sequence, key, value };
  });
  return { records, goodBytes: bytes.length };
}
