import { describe, expect, it } from 'vitest';
import { createJunitReporter } from '../../../src/report/reporters/junit.ts';
import type { RunReport } from '../../../src/report/report.ts';
import { parseXml, type XmlElement } from '../../support/xml.ts';
import { HELD, KILLED, LOST, report, VIOLATED } from '../canned-events.ts';
import { fakeContext } from '../fake-context.ts';

function documentOf(...runs: RunReport[]): string {
  const context = fakeContext();
  createJunitReporter(context).onEvent({ type: 'run-end', report: report(...runs) });
  return context.written.stdout;
}

const named = (parent: XmlElement, name: string): XmlElement[] =>
  parent.children.filter((child) => child.name === name);

const suitesOf = (...runs: RunReport[]): readonly XmlElement[] => parseXml(documentOf(...runs)).children;

/** What the schemas of Ant and of Jenkins both ask for. */
function expectValid(root: XmlElement): void {
  expect(root).toMatchObject({ name: 'testsuites', attributes: {}, text: expect.stringMatching(/^\s*$/) as string });
  for (const [id, suite] of root.children.entries()) {
    const cases = named(suite, 'testcase');
    const count = (kind: string): string => String(cases.filter((each) => each.children[0]?.name === kind).length);
    expect(suite.attributes).toEqual({
      name: expect.stringMatching(/./) as string,
      package: 'powercut',
      id: String(id),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/) as string,
      hostname: 'localhost',
      tests: String(cases.length),
      failures: count('failure'),
      errors: count('error'),
      time: expect.stringMatching(/^\d+\.\d{3}$/) as string,
    });
    expect(suite.children.map(({ name }) => name)).toEqual([
      'properties',
      ...cases.map(() => 'testcase'),
      'system-out',
      'system-err',
    ]);
    for (const each of cases) {
      expect(Object.keys(each.attributes)).toEqual(['name', 'classname', 'time']);
      expect(each.children.length).toBeLessThanOrEqual(1);
      for (const { name, attributes } of each.children) {
        expect(['failure', 'error']).toContain(name);
        expect(Object.keys(attributes)).toEqual(['type', 'message']);
      }
    }
  }
}

describe('the junit reporter', () => {
  it('writes this', () => {
    const run = { ...VIOLATED, invariants: ['mounts', 'kernel-quiet', 'check'] };
    expect(`\n${documentOf(run)}`).toMatchInlineSnapshot(`
      "
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites>
      <testsuite name="ext4:data=ordered (each-barrier, torn)" package="powercut" id="0" timestamp="2026-11-21T09:30:01" hostname="localhost" tests="4" failures="2" errors="1" time="97.100">
      <properties>
      <property name="powercut" value="0.1.0"/>
      <property name="node" value="v20.20.2"/>
      <property name="kernel" value="6.1.176"/>
      <property name="runner" value="a guest, user-mode Linux"/>
      <property name="filesystem" value="ext4:data=ordered"/>
      <property name="recording" value="7f3a"/>
      <property name="strategies" value="each-barrier,torn"/>
      <property name="states.planned" value="1012"/>
      <property name="states.distinct" value="981"/>
      <property name="states.tested" value="981"/>
      <property name="states.deduplicated" value="29"/>
      <property name="states.reused" value="402"/>
      <property name="states.skipped" value="2"/>
      <property name="states.violated" value="36"/>
      <property name="states.unknown" value="2"/>
      </properties>
      <testcase name="mounts" classname="powercut.ext4:data=ordered (each-barrier, torn)" time="0"/>
      <testcase name="kernel-quiet" classname="powercut.ext4:data=ordered (each-barrier, torn)" time="0">
      <failure type="kernel" message="kernel: EXT4-fs error (device loop0): ext4_lookup:1787: inode #277: comm cat: iget: checksum invalid (and 2 more)">kernel: EXT4-fs error (device loop0): ext4_lookup:1787: inode #277: comm cat: iget: checksum invalid (and 2 more)
      blamed: the file system (invariant kernel-quiet)
      assumes: torn-512, a disk that may write part of a request, in units of 512 bytes
      state: p3, 0 acknowledged, last good none
      shared by: 1 state
      reproduce: npx powercut replay .powercut/recordings/7f3a --state p3</failure>
      </testcase>
      <testcase name="check" classname="powercut.ext4:data=ordered (each-barrier, torn)" time="0">
      <failure type="lost" message="lost: acked 12, recovered 11">lost: acked 12, recovered 11
      blamed: the store (invariant check)
      assumes: cache, an honest disk with a volatile write cache
      state: p347, 12 acknowledged, last good p340
      shared by: 35 states
      reproduce: npx powercut replay .powercut/recordings/7f3a --state p347 --check './check {dir} {count}'</failure>
      </testcase>
      <testcase name="every-state-judged" classname="powercut.ext4:data=ordered (each-barrier, torn)" time="0">
      <error type="unknown" message="2 of 981 tested crash states could not be judged">2 of 981 tested crash states could not be judged
      1 x the check was still running at its limit of 30 s and was stopped (p500)
      1 x the check was ended by SIGSEGV (p501)</error>
      </testcase>
      <system-out/>
      <system-err/>
      </testsuite>
      </testsuites>
      "
    `);
  });

  it.each([[[HELD]], [[VIOLATED]], [[HELD, VIOLATED, HELD]]])('keeps to the schemas %#', (runs) => {
    expectValid(parseXml(documentOf(...runs)));
  });

  it('has one case for each invariant, failed or not, and one for whether all was judged', () => {
    const [suite] = suitesOf({ ...HELD, invariants: ['mounts', 'check'] });
    expect(named(suite!, 'testcase').map(({ attributes }) => attributes['name'])).toEqual([
      'mounts',
      'check',
      'every-state-judged',
    ]);
    expect(suite!.attributes).toMatchObject({ failures: '0', errors: '0' });
  });

  it('puts several findings of one invariant into one failure', () => {
    const torn = { ...LOST, class: 'torn', state: 'p400', message: 'half of it' } as const;
    const [suite] = suitesOf({ ...VIOLATED, findings: [LOST, torn], unknowns: [] });
    const [failure] = named(suite!, 'testcase')[0]!.children;
    expect(failure!.attributes).toEqual({ type: 'lost', message: 'lost: acked 12, recovered 11 (and 1 more)' });
    for (const word of [LOST.reproduce, 'p347', 'torn: half of it', 'p400']) expect(failure!.text).toContain(word);
  });

  it('says of a run that was cut short that it was', () => {
    const states = { ...HELD.states, tested: 40 };
    const judged = named(suitesOf({ ...HELD, states })[0]!, 'testcase').at(-1)!;
    expect(judged.children[0]).toMatchObject({
      name: 'error',
      attributes: { type: 'unknown', message: '60 of 100 crash states not tested' },
    });
  });

  it('has a suite for a series of trials, which has no recording', () => {
    const never = { ...KILLED, invariants: ['check'], kill: { ...KILLED.kill!, killed: 0 } };
    const [held, unknown] = suitesOf({ ...KILLED, invariants: ['check'] }, never);
    expect(held!.attributes).toMatchObject({ name: 'tmpfs (SIGKILL)', tests: '2', failures: '0', errors: '0' });
    expect(named(held!, 'properties')[0]!.children.map(({ attributes }) => attributes['name'])).not.toContain(
      'recording',
    );
    expect(named(unknown!, 'testcase')[1]!.children[0]!.attributes['message']).toBe(
      'in no trial the moment came before the workload had ended',
    );
  });

  it('carries any text of a store to the reader, or something that XML can hold', () => {
    const nasty = '<b> & "quoted" ]]> \u0000\u001B[31m \uD800 \u{1F4A3} \uFFFF end';
    const finding = { ...LOST, message: nasty, reproduce: `npx powercut --check '${nasty}'\tx\r` };
    const xml = documentOf({ ...VIOLATED, findings: [finding], unknowns: [{ reason: nasty, state: 'p1', states: 1 }] });
    expectValid(parseXml(xml));
    const [failure] = named(parseXml(xml).children[0]!, 'testcase')[0]!.children;
    expect(failure!.attributes['message']).toContain('<b> & "quoted" ]]> ');
    expect(failure!.text).toContain('\u{1F4A3}');
    expect(failure!.text).toContain(String.raw`\u{1b}[31m`);
  });

  it('leaves a document that says why when the run failed, and none when nothing was to be said', () => {
    const failed = fakeContext();
    createJunitReporter(failed).close?.('this machine cannot do it\nno kernel');
    const root = parseXml(failed.written.stdout);
    expectValid(root);
    expect(named(root.children[0]!, 'testcase')[0]!.children[0]).toMatchObject({
      name: 'error',
      attributes: { type: 'run-failed', message: 'this machine cannot do it' },
      text: 'this machine cannot do it\nno kernel',
    });
    const quiet = fakeContext();
    createJunitReporter(quiet).close?.();
    expect(quiet.written.stdout).toBe('');
  });
});
