import { openDenrei, readConfig } from 'denrei'
import { createSendFax, type FaxGateway } from './sendFax.ts'

const workflow = {
  kind: 'workflow',
  name: 'fax-new-lead',
  module: 'Leads',
  trigger: { on: 'record.created' },
  branches: [{ actions: [{ type: 'sendFax', to: '$[Leads.Phone]', text: '新しい見込み客: $[見込み客.姓]様' }] }],
}

/** The engine over its database, with one workflow and one event. `close` finishes what is in flight. */
export async function faxOneLead(env: Record<string, string | undefined>, gateway: FaxGateway) {
  const opened = await openDenrei(readConfig(env), { performers: [createSendFax(gateway)] })
  const { denrei } = opened
  await denrei.apply([{ file: 'fax-new-lead', json: workflow }], 'example')
  await denrei.accept([
    {
      kind: 'record',
      source: 'example',
      sourceId: 'lead-1-created',
      occurredAt: denrei.clock.now(),
      op: 'created',
      module: 'Leads',
      recordId: 'lead-1',
      values: { Last_Name: '山田', Phone: '03-1234-5678' },
      mode: 'merge',
    },
  ])
  // A server calls denrei.start(), which works until close; drain works until nothing is due.
  await denrei.drain()
  return opened
}
