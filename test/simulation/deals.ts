import type { Values } from '#definitions/json.ts'
import type { Instance } from '#engine/instance.ts'
import type { Actor, Command } from '#engine/command.ts'
import type { Denrei } from '#server/denrei.ts'
import { HOLD, reviewIn } from './blueprints.ts'
import { someDate, type PostRecord } from './crm.ts'
import { pick, type Person } from './people.ts'
import { BOSS, STAFF } from './staff.ts'
import type { World } from './world.ts'

type Step = Extract<Command, { do: 'transition' }>

const STEPS = ['提案を送る', '審査へ', '承認', '保留', '再開', '失注', '期限切れ', '値引き']

/** What is done with deals: the CRM writes them, and people move them through their blueprint. */
export function dealsOf(world: World, post: PostRecord) {
  const random = world.desk
  const deals: { id: string; person: Person }[] = []

  function newDeal(): void {
    const person = pick(random, world.people)
    const contactId = `C${world.people.indexOf(person)}`
    post('saved', 'Contacts', contactId, { Last_Name: person.name, Mobile: person.mobile })
    const id = `N${deals.length}`
    deals.push({ id, person })
    post('created', 'Deals', id, {
      Deal_Name: `案件 ${id}`,
      Contact_Name: { id: contactId },
      Type: random.chance(0.85) ? 'New Business' : 'Existing Business',
      Owner: '見習い',
      Amount: random.chance(0.2) ? 8_000_000 : 300_000,
      ...(random.chance(0.5) ? { Closing_Date: someDate(world) } : {}),
      ...(random.chance(0.3) ? { Stage: pick(random, ['Qualification', 'Proposal', 'Won']) } : {}),
    })
  }

  function editDeal(id?: string): void {
    if (id === undefined) {
      if (deals.length > 0) editDeal(pick(random, deals).id)
      return
    }
    const states = ['Qualification', 'Proposal', reviewIn(1), reviewIn(2), HOLD, 'Won', 'Lost', 'Closed Won', null]
    const edits: readonly (() => Values)[] = [
      () => ({ Stage: pick(random, states) }),
      () => ({ Stage: pick(random, ['Qualification', 'Proposal']) }),
      () => ({ Amount: random.chance(0.3) ? 9_000_000 : Math.floor(random.next() * 1e6) }),
      () => ({ Closing_Date: random.chance(0.1) ? null : someDate(world) }),
      () => ({ Next_Step: random.chance(0.3) ? '終了' : '電話' }),
      () => ({ Type: random.chance(0.7) ? 'New Business' : 'Existing Business' }),
    ]
    post('updated', 'Deals', id, pick(random, edits)())
    // Whoever sits before the CRM changes his mind, or two programs write at once.
    if (random.chance(0.2)) post('updated', 'Deals', id, pick(random, edits)())
  }

  function removeDeal(): void {
    if (deals.length > 0) post('deleted', 'Deals', pick(random, deals).id, {})
  }

  // what people do

  function takeStep(): void {
    const at = random.next()
    world.insist(async (denrei) => {
      const { items } = await denrei.store.instances({ kind: 'blueprint', status: 'running' }, { limit: 50 })
      const instance = items[Math.floor(at * items.length)]
      if (instance !== undefined) await stepFor(denrei, instance)
    })
  }

  async function stepFor(denrei: Denrei, { module, recordId, position }: Instance): Promise<void> {
    const actor = pick(random, STAFF)
    const { transition, part, rest } = await choose(denrei, { module, recordId }, actor)
    // Everybody does their part at once.
    for (const one of rest) {
      world.ask({ do: 'transition', module, recordId, transition, part: one, ...filledIn(transition, one) }, BOSS)
    }
    const isRace = random.chance(0.3)
    const partial = !isRace && random.chance(0.15)
    const command: Step = {
      do: 'transition',
      module,
      recordId,
      transition,
      ...(part && { part }),
      ...(isRace || random.chance(0.4) ? { from: position } : {}),
      ...filledIn(transition, part),
      ...(partial && { partial }),
    }
    const first = world.ask(command, actor)
    // The CRM writes at the very moment at which somebody presses the button.
    if (random.chance(0.2)) editDeal(recordId)
    if (!isRace) return
    // Somebody else does the same, or something else, at the same moment.
    const other = random.chance(0.5) ? actor : pick(random, STAFF)
    if (random.chance(0.3)) world.ask({ do: 'transition', module, recordId, transition: '保留' }, other)
    else world.races.push([first, world.ask({ ...command }, other)])
  }

  /** Mostly what the page offers; sometimes what somebody has in mind, or what it offered a while ago. */
  async function choose(denrei: Denrei, place: { module: string; recordId: string }, actor: Actor) {
    const named = { transition: pick(random, STEPS), part: random.chance(0.3) ? '法務' : undefined, rest: [] }
    if (random.chance(0.2)) return named
    const view = await denrei.process(place, actor, 'ja').catch((error: unknown) => {
      // It may have left since it was looked up.
      if ((error as { code?: string }).code === 'ERR_RECORD_NOT_IN_PROCESS') return null
      throw error
    })
    // Deals go on rather than to wait or to be lost.
    const rare = ['失注', '保留']
    const open = (view?.transitions ?? []).filter(
      ({ name, possible, parts }) =>
        (possible || parts.some((part) => part.possible)) && (!rare.includes(name) || random.chance(0.2)),
    )
    if (open.length === 0) return named
    const { name, parts } = pick(random, open)
    const [part, ...rest] = parts.filter(({ possible, done }) => possible && !done).map((one) => one.name)
    return { transition: name, part, rest: random.chance(0.6) ? rest : [] }
  }

  function filledIn(transition: string, part: string | undefined): Pick<Step, 'data' | 'note' | 'checklist'> {
    if (random.chance(0.15)) return {}
    switch (part ?? transition) {
      case '提案を送る':
        return { data: { Closing_Date: someDate(world) }, note: '送付済み' }
      case '審査へ':
        return { note: '至急', checklist: random.chance(0.8) ? ['見積書', '契約書'] : ['見積書'] }
      case '失注':
        return { data: { Reason_For_Loss: '価格' } }
      case '法務':
        return { note: '問題なし' }
      default:
        return {}
    }
  }

  return { newDeal, editDeal: () => editDeal(), removeDeal, takeStep }
}
