// npm runs this after `npm ci`: compiles every package and builds the web client, so that the bins and `npm start` work
// at once.
// An installation without development tools (`--omit=dev`) has no compiler; it is expected to bring dist/ along.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { hasCompiler, compile } from './lib/compile.mjs';
import { repoRoot } from './lib/repo.mjs';

if (!hasCompiler())
  console.log('prepare: no compiler installed (production installation), dist/ is taken as it is');
else {
  const status = compile();
  const web = spawnSync(process.execPath, [join(repoRoot, 'packages/web/build.mjs')], {
    cwd: repoRoot,
    stdio: ['ignore', 2, 2],
  });
  process.exitCode = status === 0 ? (web.status ?? 1) : status;
}
