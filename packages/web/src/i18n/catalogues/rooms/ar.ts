// placeholder
export { messages } from './en.ts';
