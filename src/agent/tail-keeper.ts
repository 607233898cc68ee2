import type { Readable } from 'node:stream';

const LINES = 40;
const LIMIT_CHARACTERS = 16_384;

/** Keeps the last lines of a stream. @returns a function that tells them */
export function tailKeeper(stream: Readable): () => string {
  let kept = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    kept = (kept + text).slice(-LIMIT_CHARACTERS);
  });
  stream.on('error', () => undefined);
  return () => kept.trimEnd().split('\n').slice(-LINES).join('\n');
}
