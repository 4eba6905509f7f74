// docs/self-hosting.md can be followed: every command in it that can run here does, in the order of the page, and the
// files it names are what their programs accept: each program judges where it is installed, and a parser everywhere.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { repoRoot } from '../lib/repo.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto-self-hosting-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const page = readFileSync(join(repoRoot, 'docs/self-hosting.md'), 'utf8');
const deploy = (name) => join(repoRoot, 'relay/deploy', name);
const read = (name) => readFileSync(deploy(name), 'utf8');
/** A test that needs a program. Where it is missing the list of tests says so (scripts/setup-system.mjs installs it). */
const having = (program) =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
    ? test
    : (title, ...rest) => test.skip(`${title} [${program} is not installed]`, ...rest);

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => String(server.address().port));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Runs a script in a group of its own, so that whatever it leaves behind ends with it. */
function run(script) {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      detached: true,
      env: { ...process.env, NODE_OPTIONS: '', SOTTO_LOG_LEVEL: 'warn' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('exit', (code) => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing was left.
      }
      resolve({ code, output });
    });
  });
}

test('every command marked to be run works, in the order of the page', async () => {
  const blocks = [...page.matchAll(/^```sh run\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
  expect(blocks.length).toBeGreaterThanOrEqual(8);
  // A checkout after `npm ci`, as far as the commands can tell.
  for (const name of ['node_modules', 'relay', 'packages', 'package.json'])
    symlinkSync(join(repoRoot, name), join(folder, name));
  const named = ['8787', '9464', '8443', '6379', '8788', '8789'];
  const free = await freePorts(named.length);
  const script = named.reduce((text, port, i) => text.replaceAll(port, free[i]), blocks.join('\n'));
  const { code, output } = await run(script);
  expect(code === 0 ? '' : output).toBe('');
  for (const said of ['ready', 'PONG', 'sotto_sockets_leaked 0']) expect(output).toContain(said);
  expect(existsSync(join(folder, 'relay-key.backup'))).toBe(true);
  expect(readFileSync(join(folder, 'relay-key.backup')).length).toBe(32);
  expect(readdirSync(join(folder, 'data'))).not.toContain('control.json');
}, 180_000);

test('the page names every file that lies ready, and no other', () => {
  const named = new Set([...page.matchAll(/relay\/deploy\/([\w.-]+)/g)].map(([, name]) => name));
  const there = readdirSync(deploy('')).filter((name) => name !== 'Dockerfile.dockerignore');
  expect([...named].sort()).toEqual(there.sort());
});

test('containers: relays without rights, on a read-only system, drained before they are killed', () => {
  for (const name of ['compose.yaml', 'compose.redis.yaml']) {
    const [document] = parseAllDocuments(read(name), { merge: true });
    expect(document.errors).toEqual([]);
    const { services, volumes } = document.toJS();
    const relays = Object.entries(services).filter(([service]) => service.startsWith('relay'));
    expect(relays.length).toBe(name === 'compose.yaml' ? 1 : 2);
    for (const [, relay] of relays) {
      expect(relay).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        environment: { SOTTO_TRUST_PROXY: 'true' },
      });
      expect(relay.stop_grace_period).toBe('30s');
      expect(relay.ports).toBeUndefined();
    }
    for (const service of Object.values(services))
      for (const mount of service.volumes ?? []) {
        const [from] = mount.split(':');
        expect(from.startsWith('./') ? existsSync(deploy(from)) : from in volumes).toBe(true);
      }
  }
  const dockerfile = read('Dockerfile');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)([^\n]+) \S+$/gm)].flatMap(([, from]) =>
    from.split(' '),
  );
  for (const path of copied) expect([path, existsSync(join(repoRoot, path))]).toEqual([path, true]);
  expect(dockerfile).toMatch(/^USER sotto$/m);
  expect(dockerfile).toMatch(/^ENTRYPOINT \["node", "relay\/bin\/sotto-relay.js"\]$/m);
});

test('Kubernetes: settings that the relay knows, probes that it answers, and a drain longer than its own', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
  const of = (kind) => documents.find((one) => one.kind === kind);
  const { spec } = of('Deployment').spec.template;
  const [relay] = spec.containers;
  const help = execFileSync(process.execPath, [join(repoRoot, 'relay/bin/sotto-relay.js'), '--help'], {
    encoding: 'utf8',
  });
  for (const { name } of relay.env)
    expect(help).toContain(`--${name.replace('SOTTO_', '').replaceAll('_', '-').toLowerCase()} `);
  expect(relay.livenessProbe.httpGet.path).toBe('/health/live');
  expect(relay.readinessProbe.httpGet.path).toBe('/health/ready');
  expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(10 + 5);
  expect(relay.securityContext).toMatchObject({
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
  });
  expect(of('Service').spec.selector).toEqual(of('Deployment').spec.selector.matchLabels);
  // Metrics don't leave by the ingress.
  const paths = of('Ingress').spec.rules.flatMap(({ http }) => http.paths.map(({ path }) => path));
  expect(paths).toEqual(['/v1', '/.well-known/sotto']);
});

test('the proxies write no log, and replace what a client says of its address', () => {
  const nginx = read('nginx.conf');
  expect(nginx).toMatch(/^\s*access_log off;$/m);
  expect(nginx).toMatch(/proxy_set_header X-Forwarded-For \$remote_addr;/);
  expect(nginx.replace(/#.*$/gm, '')).not.toContain('proxy_add_x_forwarded_for');
  const caddy = read('Caddyfile');
  expect(caddy).toContain('header_up X-Forwarded-For {remote_host}');
  expect(caddy.split('{').length).toBe(caddy.split('}').length);
  expect(caddy.replace(/#.*$/gm, '').match(/^\s*log\b.*$/gm)).toEqual(['\tlog {']);
});

having('nginx')(
  'nginx accepts its file, ends TLS and passes a client through',
  async () => {
    const { tlsFolder, port, relayPort } = await proxyPlace();
    const config = read('nginx.conf')
      .replaceAll('/etc/letsencrypt/live/relay.example.org/fullchain.pem', join(tlsFolder, 'first-cert.pem'))
      .replaceAll('/etc/letsencrypt/live/relay.example.org/privkey.pem', join(tlsFolder, 'first-key.pem'))
      .replace('127.0.0.1:8787', `127.0.0.1:${relayPort}`)
      .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
      .replace(/^.*listen \[::\].*\n/m, '');
    const place = join(folder, 'nginx');
    mkdirSync(place);
    writeFileSync(
      join(place, 'nginx.conf'),
      `daemon off;\npid ${place}/pid;\nevents {}\nhttp {\n` +
        ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
          .map((name) => `${name}_temp_path ${place}/${name};\n`)
          .join('') +
        `${config}}\n`,
    );
    const { code, output } = await run(`
    nginx -t -c ${place}/nginx.conf -p ${place} -e /dev/null
    export PATH="$PWD/node_modules/.bin:$PATH"
    sotto-relay --data ${place}/data --port ${relayPort} --trust-proxy &
    nginx -c ${place}/nginx.conf -p ${place} -e /dev/null &
    curl --silent --fail --retry 20 --retry-all-errors --retry-delay 1 --cacert ${tlsFolder}/first-cert.pem https://localhost:${port}/health/ready
    NODE_EXTRA_CA_CERTS=${tlsFolder}/first-cert.pem sotto-relay check https://localhost:${port}
    test "$(curl --silent --output /dev/null --write-out '%{http_code}' --cacert ${tlsFolder}/first-cert.pem https://localhost:${port}/metrics)" = 404
  `);
    expect(code === 0 ? '' : output).toBe('');
  },
  90_000,
);

having('caddy')(
  'Caddy accepts its file, ends TLS, passes a client through and keeps metrics to itself',
  async () => {
    const { tlsFolder, port, relayPort } = await proxyPlace();
    const pair = ['cert', 'key'].map((what) => join(tlsFolder, `first-${what}.pem`)).join(' ');
    const place = join(folder, 'caddy');
    mkdirSync(place);
    writeFileSync(
      join(place, 'Caddyfile'),
      read('Caddyfile')
        .replace('admin off', 'admin off\n\tauto_https disable_redirects')
        .replace('header -Server', `tls ${pair}\n\theader -Server`),
    );
    const { code, output } = await run(`
    export XDG_DATA_HOME=${place} XDG_CONFIG_HOME=${place} HOME=${place}
    export SOTTO_DOMAIN=https://localhost:${port} SOTTO_UPSTREAMS=127.0.0.1:${relayPort}
    caddy validate --adapter caddyfile --config ${place}/Caddyfile
    export PATH="$PWD/node_modules/.bin:$PATH"
    sotto-relay --data ${place}/data --port ${relayPort} --trust-proxy &
    caddy run --adapter caddyfile --config ${place}/Caddyfile &
    curl --silent --fail --retry 30 --retry-all-errors --retry-delay 1 --cacert ${tlsFolder}/first-cert.pem https://localhost:${port}/health/ready
    NODE_EXTRA_CA_CERTS=${tlsFolder}/first-cert.pem sotto-relay check https://localhost:${port}
    test "$(curl --silent --output /dev/null --write-out '%{http_code}' --cacert ${tlsFolder}/first-cert.pem https://localhost:${port}/metrics)" = 404
  `);
    expect(code === 0 ? '' : output).toBe('');
  },
  90_000,
);

having('tor')('Tor accepts the lines for an onion service', () => {
  const place = join(folder, 'tor');
  mkdirSync(place, { mode: 0o700 });
  const file = join(place, 'torrc');
  writeFileSync(file, read('torrc').replace('/var/lib/tor/sotto/', join(place, 'service')));
  const { status, stdout } = spawnSync(
    'tor',
    ['--verify-config', '-f', file, '--DataDirectory', join(place, 'data')],
    { encoding: 'utf8' },
  );
  expect(status === 0 ? '' : stdout).toBe('');
});

async function proxyPlace() {
  const [port, relayPort] = await freePorts(2);
  return { tlsFolder: join(repoRoot, 'relay/test/support/tls'), port, relayPort };
}

having('systemd-analyze')('systemd accepts the unit and finds little to fear', () => {
  const unit = read('sotto-relay.service').replace('/usr/bin/node', process.execPath);
  const path = join(folder, 'sotto-relay.service');
  writeFileSync(path, unit);
  const verify = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
  expect(`${verify.stdout}${verify.stderr}`).not.toContain('sotto-relay.service:');
  const security = spawnSync('systemd-analyze', ['security', '--offline=true', path], { encoding: 'utf8' });
  const [, exposure] = /Overall exposure level[^:]*: ([\d.]+)/.exec(security.stdout) ?? [];
  expect(Number(exposure)).toBeLessThan(2);
});
