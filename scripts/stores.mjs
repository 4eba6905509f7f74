// `npm run test:stores`: the relay's rules over the wire and the SDK's tests, with Redis as the relay's store. `npm test`
// runs them on the embedded store among all the others, then this. The SDK's on one Redis, the relay's on a cluster.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startRedis, startRedisCluster } from '../relay/test/support/redis-servers.mjs';
import { repoRoot } from './lib/repo.mjs';
import { readOptions } from './lib/options.mjs';

const runs = {
  redis: {
    start: startRedis,
    project: 'client',
    tests: 'test/(e2e|net/(session|delivery|rights)|acceptance/blindness)',
  },
  cluster: { start: startRedisCluster, project: 'relay', tests: 'test/(protocol|lifecycle)' },
};

const { values } = readOptions({
  options: {
    store: { type: 'string', default: Object.keys(runs).join(',') },
    tests: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(
    `npm run test:stores -- [--store LIST] [--tests PATTERN]   stores: ${Object.keys(runs).join(', ')} (default: all)`,
  );
  process.exit(0);
}
let failed = 0;
for (const name of values.store.split(',')) {
  const run = runs[name];
  if (run === undefined) {
    console.error(`no such store: ${name}`);
    process.exit(2);
  }
  console.log(`\nstore: ${name}`);
  const redis = await run.start();
  const { status } = spawnSync(
    process.execPath,
    [
      join(repoRoot, 'node_modules/jest/bin/jest.js'),
      '--selectProjects',
      run.project,
      '--',
      values.tests ?? run.tests,
    ],
    {
      cwd: repoRoot,
      stdio: 'inherit',
      env: {
        ...process.env,
        SOTTO_TEST_REDIS: redis.url,
        SOTTO_TEST_REDIS_DIR: redis.dir,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      },
    },
  );
  await redis.stop();
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
