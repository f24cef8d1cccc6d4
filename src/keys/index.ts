export { type Key, type Keys, openKeys, type Scope } from './keys.ts';
export { getOrCreateSecret } from './secrets.ts';
