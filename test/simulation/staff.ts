import type { Actor } from '#engine/command.ts'

export const BOSS: Actor = { user: '部長', roles: ['sales', 'legal', 'finance', 'manager'] }

/** Who works at the desk, the boss more than the others. */
export const STAFF: readonly Actor[] = [
  { user: '佐藤', roles: ['sales'] },
  { user: '鈴木', roles: ['sales', 'legal'] },
  { user: '高橋', roles: ['finance'] },
  BOSS,
  BOSS,
  BOSS,
  { user: '見習い', roles: [] },
]
