import { access } from 'node:fs/promises';

export type ModuleState = 'loaded' | 'loadable' | 'unsupported';

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Whether the kernel module is there, could be, or can't be because the kernel was built without modules. */
export async function moduleState(sysinfoPath: string, modulesPath = '/proc/modules'): Promise<ModuleState> {
  if (await exists(sysinfoPath)) return 'loaded';
  return (await exists(modulesPath)) ? 'loadable' : 'unsupported';
}
