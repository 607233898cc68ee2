import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { writeJsonReport } from '../../src/cli/write-json-report.ts';
import { HELD, report, VIOLATED } from '../report/canned-events.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();

describe('writeJsonReport', () => {
  it('writes the document, whole, and no other file', async () => {
    await writeJsonReport(path('r.json'), report(HELD, VIOLATED));
    expect(JSON.parse(readFileSync(path('r.json'), 'utf8'))).toEqual(report(HELD, VIOLATED));
    expect(readdirSync(path())).toEqual(['r.json']);
  });

  it('writes to standard output for "-"', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await writeJsonReport('-', report(HELD));
    const [[text] = []] = write.mock.calls;
    write.mockRestore();
    expect(JSON.parse(String(text))).toEqual(report(HELD));
  });

  it('does not replace a device by a file', async () => {
    await expect(writeJsonReport('/dev/null', report(HELD))).resolves.toBeUndefined();
  });

  it('writes nothing that breaks its own schema', async () => {
    const broken = { ...report(HELD), verdict: 'maybe' as never };
    await expect(writeJsonReport(path('r.json'), broken)).rejects.toMatchObject({ code: 'bad-report' });
    expect(readdirSync(path())).toEqual([]);
  });
});
