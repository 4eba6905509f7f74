// The client's encrypted local store: what other parts of the SDK may use of it.
export { lookAtVault, openVault, wipeVaultAt } from './open-vault.ts';
export { type Codec, type Entry, namedTable, orderedTable, type Table } from './table.ts';
export type {
  KeyPath,
  Partition,
  PresenceMarker,
  PutOptions,
  RawRecord,
  ReadView,
  RecordAddress,
  ScanOptions,
  Transaction,
  Vault,
  VaultOptions,
  VaultSecret,
  VaultState,
} from './vault.ts';
