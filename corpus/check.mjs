#!/usr/bin/env node
/** check.mjs DIR COUNT: recovers the store in DIR and judges it: exit 0, or 1 and "class: what is wrong"; 70 when it cannot. */
import { check, recover } from './disk.mjs';

const [dir, count] = process.argv.slice(2);
try {
  await recover(dir);
  const wrong = await check(dir, Number(count));
  if (wrong) process.stdout.write(`${wrong}\n`);
  process.exitCode = wrong ? 1 : 0;
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 70;
}
