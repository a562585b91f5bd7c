/** One thing wrong (or doubtful) in a definition, and the way out. */
export interface Problem {
  /** As given: a path, or a key for definitions that came by HTTP. */
  file: string
  /** JSON pointer (RFC 6901) to the place; '' is the whole document. */
  pointer: string
  /** Stable snake_case code, listed in docs/errors.md. */
  code: string
  severity: 'error' | 'warning'
  message: string
  fix?: string
}

/** A definition as it came: `json` is what JSON.parse gave, or `error` says why it did not parse. */
export interface SourceFile {
  file: string
  json?: unknown
  error?: string
}
