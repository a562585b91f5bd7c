import type { Instant } from '#engine/clock.ts'
import type { MessageState } from '#engine/message.ts'
import type { Depths } from '#engine/reads.ts'
import type { Store } from '#engine/store.ts'
import type { Inbox } from './inbox.ts'
import type { Lanes } from './lanes.ts'
import type { Session } from './session.ts'

/** Numbers for metrics, from the tallies: the cost does not grow with the rows. */
export function createCounts({ tallies }: Session, inbox: Inbox, lanes: Lanes) {
  const messages = () =>
    tallies.read('message/').map(({ name, count }) => {
      const [, state, ...reason] = name.split('/')
      return { state: state as MessageState, reason: reason.join('/') || null, count }
    })

  const byKind = (prefix: string) =>
    Object.fromEntries(tallies.read(prefix).map(({ name, count }) => [name.slice(prefix.length), count]))

  return {
    /** `oldestQueuedAt`: since when the row that is due longest has been due. */
    depths(now: Instant): Depths {
      const outbox: Depths['outbox'] = {}
      for (const { state, count } of messages()) outbox[state] = (outbox[state] ?? 0) + count
      const dueAt = lanes.nextDueAt()
      return {
        inboxPending: tallies.get('inbox/pending'),
        inboxQuarantined: tallies.get('inbox/quarantined'),
        oldestPendingAt: inbox.oldestPendingAt(),
        outbox,
        oldestQueuedAt: dueAt !== null && dueAt <= now ? dueAt : null,
        timersWaiting: tallies.get('timers/waiting'),
        instancesRunning: tallies.get('instances/running'),
      }
    },
    totals: (): Awaited<ReturnType<Store['totals']>> => ({
      messages: messages(),
      triggers: tallies.read('inbox/').reduce((sum, { count }) => sum + count, 0),
      accepted: byKind('accepted/'),
      duplicates: byKind('duplicates/'),
    }),
  }
}
