import { describe, expect, it } from 'vitest';
import type { ForwardComparison } from '../../src/engine/requests.ts';
import { sampleOf, verifyFastForward } from '../../src/pipeline/verify-fast-forward.ts';
import { FakeRunner, type FakeBehaviour } from './fake-runner.ts';

const planned = (count: number) =>
  Array.from({ length: count }, (_, order) => ({
    kind: 'state' as const,
    order,
    anchor: order,
    state: `p${order}`,
    crashPoint: order,
    ackCount: 0,
    twins: 0,
  }));

function verify(behaviour: FakeBehaviour, filesystem = 'ext4') {
  const request = {
    runner: new FakeRunner(behaviour),
    workers: 2,
    index: undefined,
    items: planned(100),
    open: { filesystem, recoverTimeoutMs: 1000, checkTimeoutMs: 1000 },
    goOn: () => true,
    onOpened: () => undefined,
    onSpaceEnd: () => undefined,
    onTried: () => expect.fail('what is compared is not judged yet'),
    signal: new AbortController().signal,
  };
  return verifyFastForward(request as never, 7);
}

const comparing = (comparison: (state: string) => ForwardComparison): FakeBehaviour => ({
  answer: (state) => ({ comparison: comparison(state) }),
});

describe('verifyFastForward', () => {
  it('allows it when the sample agrees, and says how many had something to apply', async () => {
    const found = await verify(comparing((state) => ({ forwarded: Number(state.slice(1)) % 2 === 0 })));
    expect(found.mode).toBe('on');
    expect(found.note).toMatch(
      /^fast-forward: 16 of 100 states were tried both ways, \d+ had something to apply; files/,
    );
  });

  it('switches it off with a warning at one difference', async () => {
    const [state] = sampleOf(planned(100), 7).slice(-1);
    const found = await verify(
      comparing((each) => ({
        forwarded: true,
        ...(each === state!.state && { difference: 'the recovered files differ' }),
      })),
    );
    expect(found.mode).toBe('off');
    expect(found.note).toContain(
      `WARNING: it does not give what the kernel alone does, ${state!.state}: the recovered`,
    );
  });

  it('switches it off when an engine died of it, when there is nothing to apply, and where there is no ext4', async () => {
    let deaths = 0;
    const dying = { ...comparing(() => ({ forwarded: true })), dieOnce: () => deaths++ === 0 };
    expect((await verify(dying)).note).toContain('its engine died');
    expect((await verify(comparing(() => ({ forwarded: false })))).note).toContain('in none of the states');
    expect(await verify({}, 'xfs')).toEqual({
      mode: 'off',
      note: 'fast-forward is switched off: it is for ext4, and this is xfs',
    });
  });
});

describe('sampleOf', () => {
  it('takes one in 20 and at least 16, in order, the same for the same seed', () => {
    const states = planned(1000);
    const sample = sampleOf(states, 1);
    expect(sample).toHaveLength(50);
    expect(sample).toEqual(sampleOf(states, 1));
    expect(sample).not.toEqual(sampleOf(states, 2));
    expect(sample).toEqual(sample.toSorted((x, y) => x.order - y.order));
    expect(sampleOf(planned(40), 1)).toHaveLength(16);
    expect(sampleOf(planned(5), 1)).toHaveLength(5);
  });
});
