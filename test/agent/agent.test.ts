import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectAgent, type Agent, type AgentProcess } from '../../src/agent/agent.ts';
import { StepError, UnavailableError } from '../../src/errors.ts';

const DEADLINE_MS = 30_000;

/** The two ends of the streams of an engine that is not there. */
class FakeEngine implements AgentProcess {
  readonly answers = new PassThrough();
  readonly requests = new PassThrough();
  readonly gone: Promise<void>;
  killed = 0;
  words = 'Oops: 0002';
  /** Whether it ends when it is asked to. */
  obeys = true;
  #end: () => void = () => undefined;

  constructor() {
    this.gone = new Promise((resolve) => (this.#end = resolve));
    this.requests.on('finish', () => this.obeys && this.die());
  }

  say(message: unknown): void {
    this.answers.write(`${JSON.stringify(message)}\n`);
  }

  /** The lines that it was sent since the last time. */
  asked(): unknown[] {
    const text = (this.requests.read() as Buffer | null)?.toString() ?? '';
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  }

  die(): void {
    this.#end();
  }

  kill(): void {
    this.killed += 1;
    this.die();
  }

  lastWords(): string {
    return this.words;
  }
}

let engine: FakeEngine;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  engine = new FakeEngine();
});
afterEach(() => vi.useRealTimers());

async function connect(): Promise<Agent> {
  const connecting = connectAgent(engine, DEADLINE_MS);
  engine.say({ hello: { kernel: '6.1.176' } });
  return connecting;
}

/** Lets streams and promises do what they have to do. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await turn();
}

describe('connectAgent', () => {
  it('waits for the greeting, which names the kernel', async () => {
    expect((await connect()).kernel).toBe('6.1.176');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fails with the last words of an engine that dies before it greets', async () => {
    const connecting = connectAgent(engine, DEADLINE_MS);
    engine.die();
    await expect(connecting).rejects.toMatchObject({ code: 'engine-lost', message: 'the engine died\nOops: 0002' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends an engine that says nothing in time', async () => {
    const connecting = connectAgent(engine, DEADLINE_MS);
    const failed = expect(connecting).rejects.toMatchObject({
      code: 'engine-lost',
      message: 'the engine did not start within 30 s\nOops: 0002',
    });
    await vi.advanceTimersByTimeAsync(DEADLINE_MS - 1);
    expect(engine.killed).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    await failed;
    expect(engine.killed).toBe(1);
  });

  it('has no blank line where an engine left no last words', async () => {
    engine.words = '';
    const connecting = connectAgent(engine, DEADLINE_MS);
    engine.die();
    await expect(connecting).rejects.toThrow(/^the engine died$/);
  });
});

describe('a call', () => {
  it('is one line of JSON, and its result comes back', async () => {
    const agent = await connect();
    const result = agent.call('try', { state: 'p3', ackCount: 2 });
    await settle();
    expect(engine.asked()).toEqual([{ id: 1, call: 'try', request: { state: 'p3', ackCount: 2 } }]);
    engine.say({ id: 1, result: { state: 'p3' } });
    expect(await result).toEqual({ state: 'p3' });
  });

  it('gets its own answer, in whatever order answers come', async () => {
    const agent = await connect();
    const [first, second] = [agent.call('probe', {}), agent.call('probe', {})];
    engine.say({ id: 2, result: 'second' });
    engine.say({ id: 1, result: 'first' });
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
  });

  it('hears of events until it is over', async () => {
    const agent = await connect();
    const events: unknown[] = [];
    const result = agent.call('record', {} as never, (event) => events.push(event));
    for (const phase of ['mkfs', 'workload']) engine.say({ id: 1, event: { phase } });
    engine.say({ id: 1, result: {} });
    engine.say({ id: 1, event: { phase: 'late' } });
    await result;
    await settle();
    expect(events).toEqual([{ phase: 'mkfs' }, { phase: 'workload' }]);
  });

  it('may be the last one that is answered', async () => {
    const agent = await connect();
    for (const last of [undefined, true]) {
      expect(agent.leaving).toBe(false);
      const result = agent.call('probe', {});
      engine.say({ id: last ? 2 : 1, result: 'done', last });
      expect(await result).toBe('done');
    }
    expect(agent.leaving).toBe(true);
  });

  it('may have events that nobody wants', async () => {
    const agent = await connect();
    const result = agent.call('record', {} as never);
    engine.say({ id: 1, event: { phase: 'mkfs' } });
    engine.say({ id: 1, result: 'done' });
    expect(await result).toBe('done');
  });

  it('throws what the engine threw', async () => {
    const agent = await connect();
    const refused = agent.call('probe', {});
    engine.say({ id: 1, error: { code: 'unavailable', message: 'no loop devices' } });
    await expect(refused).rejects.toThrow(UnavailableError);
    const failed = agent.call('probe', {});
    engine.say({ id: 2, error: { code: 'capture-refused', message: 'why' } });
    await expect(failed).rejects.toMatchObject({ code: 'capture-refused', message: 'why' });
  });

  it('is not disturbed by an answer that nobody waits for', async () => {
    const agent = await connect();
    engine.say({ id: 99, result: 1 });
    const result = agent.call('probe', {});
    engine.say({ id: 1, result: 'mine' });
    expect(await result).toBe('mine');
  });

  it('fails with all others when the engine dies, and every later one at once', async () => {
    const agent = await connect();
    const calls = [agent.call('probe', {}), agent.call('probe', {})];
    engine.die();
    for (const call of calls)
      await expect(call).rejects.toMatchObject({ code: 'engine-lost', message: 'the engine died\nOops: 0002' });
    engine.words = 'other words by now';
    await expect(agent.call('probe', {})).rejects.toThrow('the engine died\nOops: 0002');
    await expect(agent.call('probe', {})).rejects.toThrow(StepError);
  });

  it('fails when the engine stops listening', async () => {
    const agent = await connect();
    const call = agent.call('probe', {});
    engine.requests.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await expect(call).rejects.toMatchObject({
      code: 'engine-lost',
      message: 'the engine stopped listening\nOops: 0002',
    });
  });

  it.each(['debug: here', '7', 'null', '{"id":1,"result":', ''])('fails when the engine says %j', async (line) => {
    const agent = await connect();
    const call = agent.call('probe', {});
    engine.answers.write(`${line}\n`);
    await expect(call).rejects.toMatchObject({
      code: 'engine-lost',
      message: `the engine said what is no answer: ${line}\nOops: 0002`,
    });
    expect(engine.killed).toBe(1);
  });

  it('does not fail for a broken stream of answers alone: the end of the process tells', async () => {
    const agent = await connect();
    const call = agent.call('probe', {});
    engine.answers.destroy(new Error('EIO'));
    await settle();
    engine.die();
    await expect(call).rejects.toThrow('the engine died');
  });
});

describe('close', () => {
  it('ends the requests and waits until the engine is gone', async () => {
    const agent = await connect();
    await agent.close();
    expect(engine.requests.writableEnded).toBe(true);
    expect(engine.killed).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be called twice', async () => {
    const agent = await connect();
    await Promise.all([agent.close(), agent.close()]);
    await agent.close();
    expect(engine.killed).toBe(0);
  });

  it('uses force on an engine that does not end', async () => {
    engine.obeys = false;
    const agent = await connect();
    const closed = agent.close();
    await vi.advanceTimersByTimeAsync(19_999);
    expect(engine.killed).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    await closed;
    expect(engine.killed).toBe(1);
  });

  it('lets pending calls fail', async () => {
    const agent = await connect();
    const call = agent.call('probe', {});
    const failed = expect(call).rejects.toMatchObject({ code: 'engine-lost' });
    await agent.close();
    await failed;
  });
});

it('kill ends it at once', async () => {
  const agent = await connect();
  agent.kill();
  expect(engine.killed).toBe(1);
});
