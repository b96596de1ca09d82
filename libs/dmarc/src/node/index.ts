export { fold, unfold } from './unfold.ts'
