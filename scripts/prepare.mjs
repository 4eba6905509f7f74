// Runs after `npm ci`: compiles every package, so that the bins and `npm start` work at once.
import { spawnSync } from 'node:child_process';

const result = spawnSync('npx', ['--no-install', 'tsc', '-b'], { stdio: 'inherit' });
process.exit(result.status ?? 1);
