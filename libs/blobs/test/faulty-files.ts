// A disk that fails as it is told to.

import { type Files, nodeFiles } from '../src/node/index.ts'

export type Fault = { call: keyof Files; code: string /** Calls that still succeed. */; after?: number }

/** The real disk, until a fault is set. */
export function faultyFiles(): { files: Files; fail(fault: Fault | undefined): void; open(): number } {
  let fault: Fault | undefined
  let open = 0
  const guard = <A extends readonly unknown[], R>(call: keyof Files, real: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      if (fault?.call === call && (fault.after ?? 0) <= 0)
        throw Object.assign(new Error(`${fault.code}: injected`), { code: fault.code })
      if (fault?.call === call) fault = { ...fault, after: (fault.after ?? 0) - 1 }
      const value = await real(...args)
      if (call === 'open') open++
      if (call === 'close') open--
      return value
    }
  }
  const files: Files = {
    open: guard('open', nodeFiles.open),
    write: guard('write', nodeFiles.write),
    read: guard('read', nodeFiles.read),
    truncate: guard('truncate', nodeFiles.truncate),
    size: guard('size', nodeFiles.size),
    close: guard('close', nodeFiles.close),
    unlink: guard('unlink', nodeFiles.unlink),
    list: guard('list', nodeFiles.list),
    makeDirectory: guard('makeDirectory', nodeFiles.makeDirectory),
    freeOctets: guard('freeOctets', nodeFiles.freeOctets),
  }
  return { files, fail: (next) => void (fault = next), open: () => open }
}
