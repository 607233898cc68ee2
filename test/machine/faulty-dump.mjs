// usage: faulty-dump DIR FAULT. The append-log's dump with one fault of a kind that barriers alone cannot bring about.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recover } from '../../dist/examples/append-log/recover.js';
import { applyRecord } from '../../dist/examples/append-log/stored-record.js';

const [, , directory, fault] = process.argv;
const { records } = recover(directory);

const FAULTS = {
  none: (values) => values,
  'forget-deletions': () => valuesOf(records.filter(({ deleted }) => !deleted)),
  invent: (values) => values.set('nobody', 'x'),
  cut: (values) => change(values, (value) => value.slice(0, value.length / 2)),
  flip: (values) => change(values, (value) => `Z${value.slice(1)}`),
  // Not the last put, so that a later one is there.
  skip: (values) => {
    const puts = records.filter((record) => values.get(record.key) === record.value);
    return puts.length < 3 ? values : valuesOf(records.filter((record) => record !== puts.at(-3)));
  },
  'change-its-mind': (values) => {
    const seen = join(directory, 'seen');
    if (existsSync(seen)) values.delete([...values.keys()].at(0));
    writeFileSync(seen, '');
    return values;
  },
  crash: () => process.exit(3),
  babble: () => {
    console.log('no JSON');
    return new Map();
  },
};

function valuesOf(kept) {
  const values = new Map();
  for (const record of kept) applyRecord(values, record);
  return values;
}

function change(values, how) {
  const [key] = [...values.keys()].slice(-1);
  return key === undefined ? values : values.set(key, how(values.get(key)));
}

for (const [key, value] of FAULTS[fault](valuesOf(records))) console.log(JSON.stringify({ key, value }));
