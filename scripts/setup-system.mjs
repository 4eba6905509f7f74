// Finds the system programs that tests run for real and, as root on Debian, installs what is missing. Everywhere else it
// says what to install. Without Redis and a browser the step fails. Programs that judge one file of relay/deploy each
// are only wished for: where one is missing, this says which check is not run, and goes on. On Debian they are servers
// that start when they are installed (on ports 80 and 9050), so they come only when asked for (`--all`), as the workflow does.
// Benchmarks' extra baselines (mosquitto, nats-server) are optional.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isMain } from './lib/repo.mjs';

const needed = [
  {
    program: 'redis-server',
    names: ['redis-server'],
    debian: 'redis-server',
    why: 'the Redis store is tested on Redis',
  },
  {
    program: 'chromium',
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    debian: 'chromium',
    why: 'browser code is tested in a browser',
  },
];

const wished = [
  { program: 'nginx', names: ['nginx'], debian: 'nginx', judges: 'nginx.conf' },
  { program: 'caddy', names: ['caddy'], debian: 'caddy', judges: 'Caddyfile' },
  { program: 'tor', names: ['tor'], debian: 'tor', judges: 'torrc' },
  {
    program: 'systemd-analyze',
    names: ['systemd-analyze'],
    debian: 'systemd',
    judges: 'sotto-relay.service',
  },
];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
const findProgram = (names) =>
  names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);

const isMissing = ({ names }) => findProgram(names) === undefined;
export const missingPrograms = () => needed.filter(isMissing);

function aptGet(...args) {
  console.log(`setup: apt-get ${args.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0;
}

/** Installs by apt-get; a stale or empty package list is refreshed once. */
function installOnDebian(packages) {
  // A service that the installation may start is left alone: tests start their own Redis on a port of their own.
  const install = () => aptGet('install', '-y', '--no-install-recommends', ...packages);
  return install() || (aptGet('update') && install());
}

if (isMain(import.meta.url)) {
  const canInstall =
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && process.platform === 'linux';
  const installMissing = (list) => {
    const packages = list.filter(isMissing).map(({ debian }) => debian);
    if (packages.length > 0 && canInstall) installOnDebian(packages);
    return list.filter(isMissing);
  };
  const still = installMissing(needed);
  for (const { program, why, debian } of still) {
    console.error(`setup: ${program} is missing (${why}). On Debian: sudo apt-get install ${debian}`);
  }
  // One by one: a package that a system hasn't got must not keep the others out.
  if (process.argv.includes('--all')) for (const one of wished) installMissing([one]);
  const unjudged = wished.filter(isMissing);
  for (const { program, debian, judges } of unjudged) {
    console.log(
      `setup: ${program} is missing, so nothing runs relay/deploy/${judges} here. To have that checked, too, on Debian: sudo apt-get install ${debian}, or all of them: sudo node scripts/setup-system.mjs --all`,
    );
  }
  if (still.length === 0)
    console.log(`setup: ${needed.map(({ program }) => program).join(' and ')} are there`);
  process.exitCode = still.length === 0 ? 0 : 1;
}
