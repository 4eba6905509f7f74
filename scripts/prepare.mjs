// npm runs this after `npm ci`: compiles every package, so that the bins and `npm start` work at once.
// An installation without development tools (`--omit=dev`) has no compiler; it is expected to bring dist/ along.
import { hasCompiler, compile } from './lib/compile.mjs';

if (!hasCompiler())
  console.log('prepare: no compiler installed (production installation), dist/ is taken as it is');
else process.exitCode = compile();
