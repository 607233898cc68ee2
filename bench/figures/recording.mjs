import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { $, echo } from 'zx';
import { median, powercut, rounded } from '../measure.mjs';

const script = new URL('../logged-and-not.sh', import.meta.url).pathname;

/** What logging costs the workload: synced appends over dm-log-writes, and over dm-linear, in one and the same guest. */
export async function recording(bench) {
  if ((await $`which dmsetup`.nothrow().quiet()).exitCode !== 0) {
    echo('recording against dm-linear: skipped, no dmsetup (apt-get install dmsetup)');
    return;
  }
  const [rounds, appends] = bench.isQuick ? [3, 200] : [7, 2000];
  const out = join(bench.work, 'logged');
  const run =
    await $`node ${powercut} record --vm uml --out ${out} --workload ${`${script} ${rounds} ${appends}`}`.quiet();
  const lines = readFileSync(join(run.stdout.trim(), 'transcript.txt'), 'utf8').trim().split('\n');
  const rates = (name) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => (appends * 1e6) / Number(line.split(' ')[1]));
  const [linear, logged] = [rates('linear'), rates('logged')];
  const share = median(logged.map((rate, round) => rate / linear[round]));
  bench.tell('synced appends of 4 KiB, over dm-linear', rounded(median(linear), 0), 'appends/s', 'in user-mode Linux');
  bench.tell('  recorded, over dm-log-writes', rounded(median(logged), 0), 'appends/s', `${rounded(share, 2)} x`);
}
