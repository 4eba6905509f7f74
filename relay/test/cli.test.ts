// The command line as child processes: help, settings and their errors, check, block.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { encodeLink, type Link } from '@sotto/wire';
import { WebSocketServer } from 'ws';
import { configSchema, settings } from '../src/config/options.ts';
import { checkOptions, loadConfig } from '../src/config/load.ts';
import { sha256, testChannel, type TestChannel } from './support/client.ts';
import { CommandProcess, client, command, onEnd, tempFolder, testRelay } from './support/relays.ts';

test('flags win over the environment, that over the file, that over defaults', () => {
  const file = join(tempFolder(), 'relay.json');
  writeFileSync(file, JSON.stringify({ port: 1, host: '::1', operatorName: 'File', trustProxy: true }));
  const environment = { SOTTO_PORT: '2', SOTTO_HOST: '::2', SOTTO_CONFIG: file, SOTTO_UNRELATED: 'x' };
  const { config, words } = loadConfig(['--port=3', 'word'], environment);
  expect(config).toMatchObject({
    port: 3,
    host: '::2',
    operatorName: 'File',
    trustProxy: true,
    data: './data',
  });
  expect(words).toEqual(['word']);
});

test('a wrong setting is named as it was given, with what it must be', () => {
  const file = join(tempFolder(), 'relay.json');
  const cases: [() => unknown, RegExp][] = [
    [() => loadConfig(['--port', '70000'], {}), /--port must be a whole number from 0 to 65535/],
    [() => loadConfig([], { SOTTO_QUOTA_LOG: 'many' }), /SOTTO_QUOTA_LOG must be a whole number/],
    [() => loadConfig(['--port'], {}), /--port needs a value/],
    [() => loadConfig(['--prot', '1'], {}), /Unknown flag --prot/],
    [() => loadConfig(['--log-level', 'loud'], {}), /--log-level must be one of silent, error/],
    [
      () => loadConfig(['--ttl-log', '2592000', '--max-ttl-log', '60'], {}),
      /--ttl-log must not be more than/,
    ],
    [() => loadConfig(['--trust-proxy=maybe'], {}), /--trust-proxy must be true or false/],
    [() => checkOptions({ port: 1.5 }), /"port" must be a whole number/],
    [() => checkOptions({ prot: 1 } as never), /prot in the configuration is not a setting/],
    [() => loadConfig(['--config', file], {}), /configuration file cannot be read/],
  ];
  for (const [act, message] of cases) expect(act).toThrow(message);
  writeFileSync(file, '[]');
  expect(() => loadConfig(['--config', file], {})).toThrow(/one JSON object/);
});

test('every setting has a flag, a variable and a line of help', async () => {
  expect(settings.map(({ key }) => key).sort()).toEqual(Object.keys(configSchema.shape).sort());
  const { code, stdout } = await command(['--help']);
  expect(code).toBe(0);
  for (const { flag } of settings) expect(stdout).toContain(`${flag} `);
  expect((await command(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a wrong call ends with 2 and one line, a port in use with 1', async () => {
  const wrong = await command(['--port', 'x']);
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr.trim().split('\n')).toHaveLength(1);
  expect(await command(['serve'])).toMatchObject({ code: 2 });
  const relay = await testRelay();
  const taken = await command(['--port', new URL(relay.url).port, '--data', tempFolder()]);
  expect(taken.code).toBe(1);
  expect(taken.stderr).toContain('RELAY_ADDRESS_UNUSABLE');
  expect(taken.stderr).toContain('is taken; name another by --port');
  const second = await command(['--port', '0', '--data', relay.data]);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain('RELAY_STORE_LOCKED');
});

test('check: a healthy relay, in words and as JSON', async () => {
  const relay = await testRelay({ operatorName: 'Somebody', operatorContact: 'mail@example.org' });
  const { code, stdout } = await command(['check', relay.url]);
  expect(stdout).toMatch(/^Healthy: /);
  expect(stdout).toMatch(/delivery +p50 [\d.]+ ms, p95 [\d.]+ ms/);
  expect(stdout).toContain('Somebody, mail@example.org');
  expect(code).toBe(0);
  const json = await command(['check', relay.url, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({
    healthy: true,
    promise: { durability: 'fsync', logs: 'none' },
  });
});

test('check: nobody there, and a server that is no relay, are not healthy', async () => {
  const gone = await command(['check', 'http://127.0.0.1:9', '--json']);
  expect(gone.code).toBe(1);
  expect(JSON.parse(gone.stdout)).toMatchObject({ healthy: false });
  const other = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onEnd(() => {
    other.close();
  });
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const { code, stdout } = await command(['check', `http://127.0.0.1:${String(port)}`]);
  expect(code).toBe(1);
  expect(stdout).toContain('Not healthy');
  expect((await command(['check', 'nonsense'])).code).toBe(2);
  expect((await command(['check'])).code).toBe(2);
});

function linkTo(channel: TestChannel, relayKey: Uint8Array): string {
  const link: Link = {
    kind: 'standing',
    relay: 'https://relay.example',
    relayKey,
    writeId: channel.writeId,
    writerSeed: new Uint8Array(32).fill(1),
    secret: new Uint8Array(32).fill(2),
    identityHash: new Uint8Array(32).fill(3),
  };
  return encodeLink(link, { origin: 'https://client.example', sha256 });
}

test('block: on a running relay its users are told at once, and the promise counts it', async () => {
  const data = tempFolder();
  const relay = new CommandProcess(['--port', '0', '--data', data]);
  const url = await relay.url();
  const raw = await client(url);
  const channel = testChannel('mailbox');
  await raw.create(channel);
  const writer = await raw.prove(channel, 'writer');
  const link = linkTo(channel, raw.welcome.relayKey);
  const promiseOf = async () =>
    (await (await fetch(`${url}/.well-known/sotto`)).json()) as { blocked: number; version: number };
  const before = await promiseOf();
  const done = await command(['block', link, '--reason', 'abuse', '--data', data]);
  expect(done).toMatchObject({ code: 0 });
  expect(await raw.next('ended')).toMatchObject({ cause: 'blocked', reason: 'abuse' });
  expect(await raw.append(writer)).toBe('BLOCKED');
  expect(await raw.ask(raw.proveBody(channel, 'reader'))).toMatchObject({ code: 'BLOCKED', reason: 'abuse' });
  const after = await promiseOf();
  expect(after).toMatchObject({ blocked: before.blocked + 1, version: before.version + 1 });
  const unknown = await command([
    'block',
    linkTo(testChannel('log'), raw.welcome.relayKey),
    '--reason',
    'spam',
    '--data',
    data,
  ]);
  expect(unknown).toMatchObject({ code: 1 });
  const foreign = await command([
    'block',
    linkTo(channel, new Uint8Array(32)),
    '--reason',
    'spam',
    '--data',
    data,
  ]);
  expect(foreign.stdout).toContain('another relay');
  // Twenty a day, the first included.
  for (let n = 0; n < 19; n++) {
    const more = testChannel('mailbox');
    await raw.create(more);
    await blockDirectly(data, more, raw.welcome.relayKey);
  }
  const last = testChannel('mailbox');
  await raw.create(last);
  const tooMany = await command([
    'block',
    linkTo(last, raw.welcome.relayKey),
    '--reason',
    'illegal',
    '--data',
    data,
  ]);
  expect(tooMany.stdout).toContain('20 channels');
  // At rest the same order works on the store; the day's count stands.
  relay.child.kill('SIGTERM');
  await relay.finished;
  const atRest = await command([
    'block',
    linkTo(last, raw.welcome.relayKey),
    '--reason',
    'illegal',
    '--data',
    data,
  ]);
  expect(atRest.stdout).toContain('20 channels');
}, 120_000);

/** The same door that the command uses, without a process for each. */
async function blockDirectly(data: string, channel: TestChannel, relayKey: Uint8Array): Promise<void> {
  const { order } = await import('../src/http/control.ts');
  const outcome = await order(data, {
    id: Buffer.from(channel.writeId).toString('hex'),
    relayKey: Buffer.from(relayKey).toString('base64url'),
    reason: 'safety',
  });
  expect(outcome).toBe('blocked');
}

test('block: works on a store at rest, and after a relay that was killed', async () => {
  const data = tempFolder();
  const relay = new CommandProcess(['--port', '0', '--data', data]);
  const raw = await client(await relay.url());
  const channel = testChannel('log');
  await raw.create(channel);
  relay.child.kill('SIGKILL');
  await relay.finished;
  const done = await command([
    'block',
    linkTo(channel, raw.welcome.relayKey),
    '--reason',
    'safety',
    '--data',
    data,
  ]);
  expect(done).toMatchObject({ code: 0 });
  const next = new CommandProcess(['--port', '0', '--data', data]);
  const again = await client(await next.url());
  expect(await again.ask(again.proveBody(channel, 'reader'))).toMatchObject({
    code: 'BLOCKED',
    reason: 'safety',
  });
}, 240_000);

test('block: a damaged link, no reason and no link are wrong calls', async () => {
  const link = linkTo(testChannel('log'), new Uint8Array(32));
  const damaged = link.slice(0, -3) + (link.endsWith('AAA') ? 'BBB' : 'AAA');
  for (const args of [
    ['block', damaged, '--reason', 'abuse'],
    ['block', link],
    ['block', '--reason', 'abuse'],
    ['block', link, '--reason', 'boredom'],
  ]) {
    const result = await command([...args, '--data', tempFolder()]);
    expect(result.code).toBe(2);
    expect(result.stderr).not.toContain(link.slice(-60, -10));
  }
});
