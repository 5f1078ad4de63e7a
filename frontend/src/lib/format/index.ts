export * from './dates';
export * from './diff';
export * from './durations';
export * from './numbers';
export * from './protocol';
export * from './sentence';
export * from './tone';
