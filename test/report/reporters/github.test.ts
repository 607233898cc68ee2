import { describe, expect, it } from 'vitest';
import { createGithubReporter } from '../../../src/report/reporters/github.ts';
import type { RunReport } from '../../../src/report/report.ts';
import { stepSummary } from '../../../src/report/step-summary.ts';
import { HELD, LOST, report, VIOLATED } from '../canned-events.ts';
import { fakeContext, type FakeContext } from '../fake-context.ts';

const SUMMARY = { GITHUB_STEP_SUMMARY: '/tmp/summary.md' };

function run(...runs: RunReport[]): FakeContext {
  const context = fakeContext({ environment: SUMMARY });
  createGithubReporter(context).onEvent({ type: 'run-end', report: report(...runs) });
  return context;
}

/** As the service reads a line. */
function annotationsOf({ written }: FakeContext): { kind: string; title: string; message: string }[] {
  const unescape = (text: string): string =>
    text.replace(/%(25|0D|0A|3A|2C)/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
  return written.stderr
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, kind = '', title = '', message = ''] = /^::(\w+) title=([^:,]*)::(.*)$/.exec(line) ?? [];
      return { kind, title: unescape(title), message: unescape(message) };
    });
}

describe('the github reporter', () => {
  it('annotates findings as errors and gaps as warnings', () => {
    const context = run(VIOLATED);
    expect(annotationsOf(context).map(({ kind, title }) => [kind, title])).toEqual([
      ['error', 'powercut: kernel on ext4:data=ordered'],
      ['error', 'powercut: lost on ext4:data=ordered'],
      ['warning', 'powercut: not all is known of ext4:data=ordered'],
    ]);
    const [, lost] = annotationsOf(context);
    expect(lost!.message.split('\n').at(-1)).toBe(`reproduce: ${LOST.reproduce}`);
    expect(context.written.stdout).toBe('');
  });

  it('is silent when all held, but for the summary', () => {
    const context = run(HELD);
    expect(context.written).toEqual({ stdout: '', stderr: '' });
    expect(context.appended).toEqual({ '/tmp/summary.md': stepSummary(report(HELD)) });
  });

  it('does without a summary where there is no place for one', () => {
    const context = fakeContext();
    createGithubReporter(context).onEvent({ type: 'run-end', report: report(VIOLATED) });
    expect(context.appended).toEqual({});
    expect(annotationsOf(context)).toHaveLength(3);
  });

  it('lets no text of a store begin a command', () => {
    const message = '100%\r\n::error title=x::y, z: %0A';
    const context = run({
      ...VIOLATED,
      filesystem: 'ext4:a,b',
      findings: [{ ...LOST, message, reproduce: 'a\n::warning::b' }],
    });
    const lines = context.written.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    const [lost] = annotationsOf(context);
    expect(lost!.title).toBe('powercut: lost on ext4:a,b');
    expect(lost!.message).toContain('\n::warning::b');
    expect(lost!.message).toContain('z: %0A');
  });

  it('shows no more than the service does, and says how many are left', () => {
    const findings = Array.from({ length: 60 }, (_, index) => ({ ...LOST, state: `p${index}` }));
    const context = run({ ...VIOLATED, findings });
    const errors = annotationsOf(context).filter(({ kind }) => kind === 'error');
    expect(errors).toHaveLength(10);
    expect(errors[9]!.title).toBe('powercut: 51 more findings');
    expect(context.appended['/tmp/summary.md']).toContain('And 10 findings more');
  });

  it('says why a run failed', () => {
    const context = fakeContext();
    createGithubReporter(context).close?.('no kernel\nmore');
    expect(context.written.stderr).toBe('::error title=powercut::no kernel%0Amore\n');
  });
});

describe('the step summary', () => {
  it('reads like this', () => {
    expect(`\n${stepSummary(report(HELD, VIOLATED))}`).toMatchInlineSnapshot(`
      "
      ## powercut: violated

      | run | verdict | states tested | of distinct | violated | unknown | findings |
      | --- | --- | --- | --- | --- | --- | --- |
      | xfs \\(each\\-barrier\\) | ok | 100 | 100 | 0 | 0 | 0 |
      | ext4\\:data\\=ordered \\(each\\-barrier\\, torn\\) | violated | 981 | 981 | 36 | 2 | 2 |

      ### kernel on ext4\\:data\\=ordered

      EXT4\\-fs error \\(device loop0\\)\\: ext4\\_lookup\\:1787\\: inode \\#277\\: comm cat\\: iget\\: checksum invalid \\(and 2 more\\)

      - blamed: the file system (invariant kernel\\-quiet)
      - assumes: torn-512, a disk that may write part of a request, in units of 512 bytes
      - state: p3\\, 0 acknowledged\\, last good none
      - shared by: 1 state

      \`\`\`sh
      npx powercut replay .powercut/recordings/7f3a --state p3
      \`\`\`

      ### lost on ext4\\:data\\=ordered

      acked 12\\, recovered 11

      - blamed: the store (invariant check)
      - assumes: cache, an honest disk with a volatile write cache
      - state: p347\\, 12 acknowledged\\, last good p340
      - shared by: 35 states

      \`\`\`sh
      npx powercut replay .powercut/recordings/7f3a --state p347 --check './check {dir} {count}'
      \`\`\`

      ### Not judged on ext4\\:data\\=ordered

      - 1 state, such as p500: the check was still running at its limit of 30 s and was stopped
      - 1 state, such as p501: the check was ended by SIGSEGV

      powercut 0\\.1\\.0\\, kernel 6\\.1\\.176 \\(a guest\\, user\\-mode Linux\\)
      "
    `);
  });

  it('takes texts as texts: no markup, no cell, no end of a block of code', () => {
    const message = 'a | b <img src=x> `code` **bold** @user #1 [l](u)';
    const reproduce = "x '```' y";
    const text = stepSummary(
      report({ ...VIOLATED, filesystem: 'ext4:a|b', findings: [{ ...LOST, message, reproduce }] }),
    );
    const shown = String.raw`a \| b \<img src\=x\> \`code\` \*\*bold\*\* \@user \#1 \[l\]\(u\)`;
    expect(text).toContain(`\n${shown}\n`);
    expect(text).toContain("\n````sh\nx '```' y\n````\n");
    expect(text).toContain(String.raw`| ext4\:a\|b \(each\-barrier`);
  });
});
