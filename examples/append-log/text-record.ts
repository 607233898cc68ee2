import type { Decoded, StoredRecord } from './stored-record.ts';

/**
 * The fault `text-records`: a line `key value` for each record. Nothing in it tells a whole line from half of one, so
 * every byte that the file system shows after a crash is taken for data.
 */
export function encodeText(record: StoredRecord): Buffer {
  return Buffer.from(`${record.key} ${record.value}\n`);
}

export function decodeText(bytes: Buffer, firstSequence: number): Decoded {
  const lines = bytes.toString('utf8').split('\n');
  // What follows the last line feed is nothing, unless the last line is cut short.
  if (lines.at(-1) === '') lines.pop();
  const records = lines.map((line, i) => {
    const [key = '', value = ''] = line.split(' ');
    return { sequence: firstSequence + i, key, value };
  });
  return { records, goodBytes: bytes.length };
}
