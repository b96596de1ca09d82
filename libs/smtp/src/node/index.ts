export { connect } from './connect.ts'
export type { Client, ConnectOptions, TlsUse } from './connect.ts'
export { serveConnection } from './serve.ts'
export type { ServeOptions, SessionEvent } from './serve.ts'
