import type { Template } from '#definitions/definitions.ts'
import type { SendIntent } from '#engine/message.ts'
import { readOptOut } from '#engine/optOut.ts'
import { readableId } from '#triggers/fingerprint.ts'
import { rowsOf, versionsOf, type Law } from './law.ts'
import type { World } from './world.ts'

const NEVER_AT = 8e15
/** A word of WhatsApp may be on its way for so long: what we believe of a number is as old. */
const NEWS_MS = 4 * 3_600_000

/** Whatever is held is held until an instant, or until something that has a name. */
export const heldHasAnEnd: Law = (world) =>
  rowsOf<object>(
    world,
    `SELECT id, reason, detail FROM outbox WHERE state = 'held' AND waitsFor IS NULL AND dueAt > ${NEVER_AT}`,
  )

/**
 * We never run into a limit that we know of. A clock that steps measures no second; and a limit that has changed is known only when
 * WhatsApp's word of it has come.
 */
export const limitsAreKept: Law = (world) => {
  if (world.chaos.clockStepsMs > 0) return []
  return world.limitsMet.filter(
    ({ code, believed, reachMax }) => code !== 131048 || (believed?.reachMax ?? Infinity) === reachMax,
  )
}

/** What WhatsApp got is what the version of the template says under whose name it went. */
export const versionsFit: Law = (world) => {
  const versions = versionsOf(world)
  const states = new Map(
    rowsOf<{ name: string; language: string; definition: string | null; definitionVersion: number | null }>(
      world,
      'SELECT name, language, definition, definitionVersion FROM templateState',
    ).map((one) => [`${one.name}/${one.language}`, one]),
  )
  const intents = new Map(
    rowsOf<{ id: string; intent: string }>(world, "SELECT id, intent FROM outbox WHERE kind = 'sendTemplate'").map(
      (one) => [one.id, JSON.parse(one.intent) as SendIntent],
    ),
  )
  return world.account.messages.list().flatMap(({ opaqueId, template, text }): object[] => {
    const intent = intents.get(opaqueId ?? '')
    if (template === null || intent?.template == null || intent.parameters === null) return []
    const { name, as = name, language } = intent.template
    if (template.name !== as || template.language !== language) return [{ opaqueId, template, wanted: intent.template }]
    const state = states.get(`${as}/${language}`)
    const written = versions.get(`template/${name}/${language}@${state?.definitionVersion}`) as Template | undefined
    if (written === undefined) return []
    const expected = intent.parameters.body.reduce(
      (body, one) => body.replaceAll(`{{${one.name}}}`, one.value ?? ''),
      typeof written.body === 'string' ? written.body : '',
    )
    return text === expected ? [] : [{ opaqueId, as, text, expected }]
  })
}

/** Of who was erased neither name nor number is left, except in what was said of them afterwards. */
export const erasedAreForgotten: Law = (world) => {
  const tables = rowsOf<{ name: string }>(
    world,
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  ).map(({ name }) => name)
  return world.visitors.flatMap((visitor): object[] => {
    const { erasedBy, erasedAt, cameBackAt, mobile, name } = visitor
    const [erasure] = rowsOf<{ seq: number; state: string }>(
      world,
      'SELECT seq, state FROM inbox WHERE id = ?',
      erasedBy,
    )
    if (erasedAt === null || cameBackAt !== null || erasure?.state !== 'done') return []
    // What they wrote before, and was heard only afterwards, is theirs to have forgotten anew.
    const spoke = world.written.some(
      ({ phone, messageId }) =>
        phone === mobile &&
        rowsOf<object>(
          world,
          "SELECT 1 FROM inbox WHERE source = 'whatsapp' AND sourceId = ? AND seq > ?",
          readableId('message', messageId),
          erasure.seq,
        ).length > 0,
    )
    if (spoke) return []
    return tables.flatMap((table) => {
      const columns = rowsOf<{ name: string; type: string }>(world, `PRAGMA table_info("${table}")`)
        .filter(({ type }) => type === 'TEXT')
        .map((column) => `"${column.name}"`)
      if (columns.length === 0) return []
      const holds = columns.map((column) => `instr(${column}, $digits) OR instr(${column}, $name)`).join(' OR ')
      // A status that WhatsApp tells afterwards is kept with the number it names.
      const later = table === 'inbox' ? ` AND seq < ${erasure.seq}` : ''
      return rowsOf<object>(world, `SELECT * FROM "${table}" WHERE (${holds})${later}`, {
        digits: mobile.slice(1),
        name,
      }).map((row) => ({ table, visitor: name, row: JSON.stringify(row).slice(0, 400) }))
    })
  })
}

/** Who was erased and had refused has not agreed by being told of once more. */
export const erasedGetNothing: Law = (world) =>
  world.visitors
    .filter(({ cameBackAt, optedOut }) => cameBackAt !== null && optedOut)
    .flatMap(({ mobile, cameBackAt }) => {
      const scope = readOptOut('停止', { optOutWords: {} })?.scope
      return world.account.messages
        .list()
        .filter(({ waId, acceptedAt }) => waId === mobile.slice(1) && acceptedAt >= (cameBackAt ?? 0))
        .filter(({ template }) => scope === 'all' || template?.category === 'MARKETING')
        .map(({ wamid, template, acceptedAt }) => ({ mobile, wamid, template, acceptedAt }))
    })

/** Once everything is well again, and WhatsApp has said so, no trouble is left that we believe in. */
export const troublesEnd: Law = (world: World) => {
  const now = world.time.server.now()
  const bodies = [
    ...rowsOf<{ id: string; troubles: string }>(
      world,
      "SELECT id, body ->> '$.troubles' AS troubles FROM accountState",
    ),
    ...rowsOf<{ id: string; troubles: string }>(world, 'SELECT id, troubles FROM numberState'),
  ]
  return bodies.flatMap(({ id, troubles }) =>
    (JSON.parse(troubles) as { code: string; until: number | null; stops: string }[])
      .filter(({ until, stops }) => stops !== 'nothing' && (until === null || until > now + NEWS_MS))
      .map((trouble) => ({ id, ...trouble })),
  )
}

/** What we believe of templates and numbers is what WhatsApp knows, a while after all is quiet. */
export const beliefsAreTrue: Law = (world) => {
  const templates = rowsOf<{
    name: string
    language: string
    status: string
    category: string
    checkedAt: number | null
  }>(world, 'SELECT name, language, status, category, checkedAt FROM templateState').flatMap((one): object[] => {
    const real = world.account.templates.find(one.name, one.language)
    if (real === undefined) return ['DRAFT', 'DELETED'].includes(one.status) ? [] : [{ ...one, real: null }]
    return real.status === one.status && real.category === one.category
      ? []
      : [{ ...one, real: real.status, realCategory: real.category }]
  })
  const numbers = rowsOf<{ id: string; status: string; quality: string; throughput: number }>(
    world,
    'SELECT id, status, quality, throughput FROM numberState',
  ).flatMap((one): object[] => {
    const real = world.account.number(one.id)
    const isTrue = (real?.status ?? 'CONNECTED') === one.status && (real?.throughput ?? 80) === one.throughput
    return isTrue ? [] : [{ ...one, real }]
  })
  return [...templates, ...numbers]
}
