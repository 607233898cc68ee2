/** Which store a disk holds is written on it, so that the check of a crash state need not be told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { FAULTS, loadStore } from './catalogue.mjs';
import { judge } from './judge.mjs';

const LABEL = 'corpus.json';

export function writeLabel(dir, name, isSound) {
  writeFileSync(`${dir}/${LABEL}`, JSON.stringify({ name, isSound }));
}

/** The store's own recovery, where it has one. */
export async function recover(dir) {
  const { store, fault } = await storeOn(dir);
  store.recover?.(dir, fault);
}

/** To be called after `recover`. @returns {Promise<string | undefined>} a class and what is wrong */
export async function check(dir, count) {
  const { store, fault } = await storeOn(dir);
  return judge(store.read(dir, fault), store, count);
}

async function storeOn(dir) {
  const { name, isSound } = JSON.parse(readFileSync(`${dir}/${LABEL}`, 'utf8'));
  if (!Object.hasOwn(FAULTS, name)) throw new Error(`${dir}/${LABEL} names no fault of the corpus: ${name}`);
  return { store: await loadStore(name), fault: isSound ? undefined : name };
}
