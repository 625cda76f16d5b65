export * from './api.ts';
export * from './records.ts';
export { type ContainerUsage, type ProcessUsage, SYSINFO_VERSION, Sysinfo } from './sysinfo.ts';
