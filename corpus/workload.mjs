#!/usr/bin/env node
/** workload.mjs NAME DIR [OPERATIONS] [--sound]: writes to DIR, and prints "ack n" when the store reported operation n durable. */
import { execFileSync } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAULTS, loadStore, operationsOf } from './catalogue.mjs';
import { writeLabel } from './disk.mjs';

const USAGE_ERROR = 64;

const { positionals, values: flags } = parseArgs({ allowPositionals: true, options: { sound: { type: 'boolean' } } });
const [name = '', dir] = positionals;
if (!Object.hasOwn(FAULTS, name) || dir === undefined) {
  process.stderr.write(
    `usage: workload.mjs NAME DIR [OPERATIONS] [--sound]\nNAME: ${Object.keys(FAULTS).join(', ')}\n`,
  );
  process.exit(USAGE_ERROR);
}
await run(Number(positionals[2] ?? operationsOf(name)), flags.sound ? undefined : name);

/** @param fault undefined for the sound store */
async function run(operations, fault) {
  const module = await loadStore(name);
  writeLabel(dir, name, fault === undefined);
  module.create?.(dir);
  let store = module.open(dir, fault);
  execFileSync('sync', ['-f', dir]);
  writeSync(1, 'ready\n');
  for (let number = 1; number <= operations; number++) {
    for (const done of store.perform(number) ?? [number]) acknowledge(done);
    if (number === module.reopenAfter) store = module.open(dir, fault);
  }
}

/** One byte says that the mark is in the log. */
function acknowledge(number) {
  writeSync(1, `ack ${number}\n`);
  const reply = process.env['POWERCUT_ACK_REPLY'];
  if (reply) readSync(Number(reply), Buffer.alloc(1));
}
