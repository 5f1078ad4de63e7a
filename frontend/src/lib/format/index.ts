export * from './dates';
export * from './durations';
export * from './numbers';
export * from './tone';
