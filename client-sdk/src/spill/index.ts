// Spills: what exceeds a block, kept in a log of its own (design section 3). Rooms (state, large commits), attachments
// and reports write them first and completely, and put the ref into one ordinary block.
export {
  type ByteSource,
  memorySource,
  planSpill,
  renewPlan,
  type SpillPlan,
  spillPlanCodec,
} from './plan.ts';
export { type ReadSpillOptions, readSpill, type SpillPosition } from './read.ts';
export { type SpillRef, spillBlocks, spillRefCodec } from './ref.ts';
export { deleteSpill, spillRef, type SpillProgress, writeSpill, type WriteSpillOptions } from './write.ts';
