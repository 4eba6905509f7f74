// `npm run test:engines`: the SDK's tests that open sessions, on @sotto/ratchet and with both engines facing each
// other. `npm test` runs them on libsignal among all the others, then this.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repoRoot } from './lib/repo.mjs';
import { readOptions } from './lib/options.mjs';

const { values } = readOptions({
  options: {
    engine: { type: 'string', default: 'ratchet,mixed' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('npm run test:engines -- [--engine libsignal,ratchet,mixed]   (default: ratchet,mixed)');
  process.exit(0);
}
let failed = 0;
for (const engine of values.engine.split(',')) {
  console.log(`\nengine: ${engine}`);
  const { status } = spawnSync(
    process.execPath,
    [join(repoRoot, 'node_modules/jest/bin/jest.js'), '--selectProjects', 'client', '--', 'test/e2e'],
    {
      cwd: repoRoot,
      stdio: 'inherit',
      env: {
        ...process.env,
        SOTTO_ENGINE: engine,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      },
    },
  );
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
