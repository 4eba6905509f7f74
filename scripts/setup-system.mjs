// Finds the system programs that tests run for real (Redis, a browser) and, as root on Debian, installs what is
// missing. Everywhere else it says what to install. Benchmarks' extra baselines (mosquitto, nats-server) are optional.
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

export const missingPrograms = () => needed.filter(({ names }) => findProgram(names) === undefined);

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
  const missing = missingPrograms();
  const canInstall =
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && process.platform === 'linux';
  if (missing.length > 0 && canInstall) installOnDebian(missing.map(({ debian }) => debian));
  const still = missingPrograms();
  for (const { program, why, debian } of still) {
    console.error(`setup: ${program} is missing (${why}). On Debian: sudo apt-get install ${debian}`);
  }
  if (still.length === 0)
    console.log(`setup: ${needed.map(({ program }) => program).join(' and ')} are there`);
  process.exitCode = still.length === 0 ? 0 : 1;
}
