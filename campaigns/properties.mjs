// Runs the property tests again and again, each time with another seed, until one fails or the rounds are over.
//
//   npm run campaign:properties [-- --rounds 20 --seed 1 test/checks]
import { parseArgs } from 'node:util';
import { $, echo } from 'zx';

const options = {
  rounds: { type: 'string', default: '20' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
};
const { values: flags, positionals } = parseArgs({ options, allowPositionals: true });
for (let round = 0; round < Number(flags.rounds); round++) {
  const seed = Number(flags.seed) + round;
  const env = { ...process.env, POWERCUT_TEST_SEED: String(seed) };
  const { exitCode, stdout } = await $({
    env,
    nothrow: true,
    quiet: true,
  })`npx vitest run --project unit ${positionals}`;
  echo(`POWERCUT_TEST_SEED=${seed}: ${exitCode === 0 ? 'held' : 'failed'}`);
  if (exitCode === 0) continue;
  echo(stdout);
  process.exitCode = 1;
  break;
}
