import { expect, it } from 'vitest';
import { comparisonMarkdown } from '../../src/compare/markdown.ts';
import { comparisonText } from '../../src/compare/text-table.ts';
import { createColours } from '../../src/report/colour.ts';
import { KERNEL } from '../report/canned-events.ts';
import { comparisonOf, LOST, modeRun, notRun } from './mode-runs.ts';

const COMPARISON = comparisonOf(
  modeRun('ext4:data=ordered'),
  modeRun('ext4:data=writeback', { findings: [LOST, { ...LOST, invariant: 'other' }, KERNEL], cutShort: true }),
  modeRun('xfs', { operations: 0 }),
  notRun('f2fs', 'this machine cannot do it: no | f2fs'),
);

it('is a table with what each finding means below', () => {
  expect(comparisonText(COMPARISON).join('\n')).toMatchInlineSnapshot(`
    "4 modes compared (each-barrier, torn; seed 1)

    mode                 verdict   states     findings  file system          operations  bytes/op  barriers/op  states/s
    ext4:data=ordered    ok        100        -         -                            20   1.5 KiB          2.0       119
    ext4:data=writeback  violated  40 of 100  lost 70   kernel 1 (torn-512)          20   1.5 KiB          2.0       119
    xfs                  ok        100        -         -                             0         -            -       119
    f2fs                 not run   -          -         -                             -         -            -         -

    lost (invariant check, assumes cache): only weaker modes: ext4:data=writeback
      blamed: the store; look at: reliance
      An undocumented reliance of the store: only the weaker modes show it. Elsewhere it holds by an order of writes that only stronger modes give and POSIX does not promise; with the sync that is missing it would hold everywhere. Not judged to the end: f2fs.
      such as ext4:data=writeback, p347: acked 12, recovered 11
        npx powercut replay .powercut/recordings/7f3a --state p347 --check './check {dir} {count}'

    lost (invariant other, assumes cache): only weaker modes: ext4:data=writeback
      blamed: the store; look at: reliance
      An undocumented reliance of the store: only the weaker modes show it. Elsewhere it holds by an order of writes that only stronger modes give and POSIX does not promise; with the sync that is missing it would hold everywhere. Not judged to the end: f2fs.
      such as ext4:data=writeback, p347: acked 12, recovered 11
        npx powercut replay .powercut/recordings/7f3a --state p347 --check './check {dir} {count}'

    kernel (invariant kernel-quiet, assumes torn-512): only weaker modes: ext4:data=writeback
      blamed: the file system; look at: device
      The device: it takes a disk that may write part of a request, in units of 512 bytes, which the file system takes to be impossible. Not judged to the end: f2fs.
      such as ext4:data=writeback, p3: EXT4-fs error (device loop0): ext4_lookup:1787: inode #277: comm cat: iget: checksum invalid (and 2 more)
        npx powercut replay .powercut/recordings/7f3a --state p3

    note: f2fs was not run: this machine cannot do it: no | f2fs
    note: the workload did not acknowledge the same on all modes: 20 on ext4:data=ordered, 20 on ext4:data=writeback, 0 on xfs"
  `);
});

it('keeps its columns in colour', () => {
  const colours = createColours(true);
  const inColour = comparisonText(COMPARISON, colours);
  // oxlint-disable-next-line no-control-regex
  const plain = inColour.map((line) => line.replace(/\u001B\[\d+m/g, '').trimEnd());
  expect(inColour.join('')).toContain('\u001B[31m');
  expect(plain).toEqual(comparisonText(COMPARISON));
});

it('is Markdown in which no text becomes markup', () => {
  expect(comparisonMarkdown(COMPARISON)).toMatchInlineSnapshot(`
    "**violated**: 4 modes compared \\(each\\-barrier\\, torn\\; seed 1\\)

    | mode | verdict | states | findings | file system | operations | bytes/op | barriers/op | states/s |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | ext4\\:data\\=ordered | ok | 100 | \\- | \\- | 20 | 1\\.5 KiB | 2\\.0 | 119 |
    | ext4\\:data\\=writeback | violated | 40 of 100 | lost 70 | kernel 1 \\(torn\\-512\\) | 20 | 1\\.5 KiB | 2\\.0 | 119 |
    | xfs | ok | 100 | \\- | \\- | 0 | \\- | \\- | 119 |
    | f2fs | not run | \\- | \\- | \\- | \\- | \\- | \\- | \\- |

    **lost \\(invariant check\\, assumes cache\\)**: only weaker modes\\: ext4\\:data\\=writeback

    - look at: reliance. An undocumented reliance of the store\\: only the weaker modes show it\\. Elsewhere it holds by an order of writes that only stronger modes give and POSIX does not promise\\; with the sync that is missing it would hold everywhere\\. Not judged to the end\\: f2fs\\.
    - such as ext4\\:data\\=writeback\\, p347\\: acked 12\\, recovered 11

    \`\`\`sh
    npx powercut replay .powercut/recordings/7f3a --state p347 --check './check {dir} {count}'
    \`\`\`

    **lost \\(invariant other\\, assumes cache\\)**: only weaker modes\\: ext4\\:data\\=writeback

    - look at: reliance. An undocumented reliance of the store\\: only the weaker modes show it\\. Elsewhere it holds by an order of writes that only stronger modes give and POSIX does not promise\\; with the sync that is missing it would hold everywhere\\. Not judged to the end\\: f2fs\\.
    - such as ext4\\:data\\=writeback\\, p347\\: acked 12\\, recovered 11

    \`\`\`sh
    npx powercut replay .powercut/recordings/7f3a --state p347 --check './check {dir} {count}'
    \`\`\`

    **kernel \\(invariant kernel\\-quiet\\, assumes torn\\-512\\)**: only weaker modes\\: ext4\\:data\\=writeback

    - look at: device. The device\\: it takes a disk that may write part of a request\\, in units of 512 bytes\\, which the file system takes to be impossible\\. Not judged to the end\\: f2fs\\.
    - such as ext4\\:data\\=writeback\\, p3\\: EXT4\\-fs error \\(device loop0\\)\\: ext4\\_lookup\\:1787\\: inode \\#277\\: comm cat\\: iget\\: checksum invalid \\(and 2 more\\)

    \`\`\`sh
    npx powercut replay .powercut/recordings/7f3a --state p3
    \`\`\`

    - f2fs was not run\\: this machine cannot do it\\: no \\| f2fs
    - the workload did not acknowledge the same on all modes\\: 20 on ext4\\:data\\=ordered\\, 20 on ext4\\:data\\=writeback\\, 0 on xfs
    "
  `);
});
