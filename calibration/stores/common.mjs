/** What the stores in JavaScript have in common: the lines for powercut, the judgement's words, the command line. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';

const EXIT_USAGE = 64;
const EXIT_CANNOT = 70;
const DETAIL_CHARACTERS = 200;
const LONGEST_VALUE = 6000;

/** The store broke its word; the text begins with a class. */
export class Violated extends Error {}

/** The same for a number each time, of a length that changes. */
export function valueOf(number, longest = LONGEST_VALUE) {
  const piece = createHash('sha256').update(String(number)).digest('hex');
  return piece.repeat(Math.ceil(longest / piece.length)).slice(0, longest - (number % 7));
}

export function ready(dir) {
  execFileSync('sync', ['-f', dir]);
  writeSync(1, 'ready\n');
}

export function acknowledge(number) {
  writeSync(1, `ack ${number}\n`);
  const reply = process.env.POWERCUT_ACK_REPLY;
  if (reply && readSync(Number(reply), Buffer.alloc(1)) !== 1) throw new Error(`no answer to "ack ${number}"`);
}

export function requireAll(recovered, acknowledged, noun) {
  if (recovered >= acknowledged) return;
  throw new Violated(`lost: ${noun} ${recovered + 1} is gone (${acknowledged} acknowledged, ${recovered} recovered)`);
}

/**
 * `STORE workload DIR [COUNT] [options]` and `STORE check DIR COUNT`. The workload ends by SIGKILL: until-killed.
 *
 * @param store { options, workload(dir, count, values), check(dir, count, values) }
 */
export async function main(store) {
  try {
    await run(store, parse(store.options));
  } catch (error) {
    if (error instanceof Violated) {
      console.log(error.message.replaceAll('\n', ' ').slice(0, DETAIL_CHARACTERS));
      process.exitCode = 1;
      return;
    }
    // An exception that nobody catches ends Node with 1, which would be a false alarm.
    console.error(error);
    process.exitCode = EXIT_CANNOT;
  }
}

async function run(store, { verb, dir, count, values }) {
  await store[verb](dir, count, values);
  // A library's clean-up at the end is nothing that a power cut does.
  if (verb === 'workload') process.kill(process.pid, 'SIGKILL');
}

function parse(options) {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [verb, dir, count = '20'] = positionals;
  if (['workload', 'check'].includes(verb) && dir !== undefined && /^\d+$/.test(count)) {
    return { verb, dir, count: Number(count), values };
  }
  console.error('usage: STORE workload DIR [COUNT] [options] | STORE check DIR COUNT');
  return process.exit(EXIT_USAGE);
}
