import { setTimeout as wait } from 'node:timers/promises'
import { mobile } from './killBusiness.ts'

export type Call = (method: string, path: string, body?: unknown, key?: string) => Promise<Response>

/** Programs and people outside, who ask again until they are told, as the documentation asks of them. */
export class Clients {
  readonly orders = new Set<string>()
  readonly deals = new Set<string>()
  /** What was neither done nor turned down as it should have been. */
  readonly surprises: object[] = []
  private readonly call: Call
  private posting = true
  private count = 0

  constructor(call: Call) {
    this.call = call
  }

  stop(): void {
    this.posting = false
  }

  /** Posts one order after another. */
  async order(): Promise<void> {
    while (this.posting) {
      const id = `order-${this.count++}`
      await this.post('Leads', id, { Last_Name: '田中', Mobile: mobile(id) })
      this.orders.add(id)
    }
  }

  /** Moves one deal after another along: two people at once take the first step, and each of two does a part of the second. */
  async deal(): Promise<void> {
    while (this.posting) {
      const id = `deal-${this.count++}`
      await this.post('Deals', id, { Deal_Name: `案件 ${id}`, Next_Step: mobile(id) })
      const propose = { transition: '提案', from: 'Qualification', data: { Closing_Date: '2026-12-01' } }
      const first = await Promise.all(['佐藤', '鈴木'].map((user) => this.take(id, propose, user)))
      this.expect(id, first.sort(), [200, 409])
      const parts = await Promise.all(
        ['法務', '経理'].map((part) => this.take(id, { transition: '審査', part }, `${part}部`)),
      )
      this.expect(id, parts, [200, 200])
      this.deals.add(id)
    }
  }

  private async post(module: string, recordId: string, values: object): Promise<void> {
    const event = { id: recordId, type: 'record.created', module, recordId, values }
    this.expect(recordId, [await this.insist('POST', '/v1/events', event)], [202])
  }

  /** @returns the status of the answer, which a restart must not change */
  private async take(id: string, step: object, user: string): Promise<number> {
    const path = `/v1/modules/Deals/records/${id}/blueprint`
    const body = { ...step, as: { user, roles: [] } }
    for (;;) {
      const status = await this.insist(
        'POST',
        path,
        body,
        `${id} ${JSON.stringify(step)} ${user}`.replace(/[^ -~]/g, encodeURIComponent),
      )
      if (status !== 202) return status // 202: taken, and not decided yet. Asked again, it tells.
    }
  }

  private async insist(method: string, path: string, body: unknown, key?: string): Promise<number> {
    for (;;) {
      const status = await this.call(method, path, body, key).then(
        async (response) => {
          await response.arrayBuffer()
          return response.status
        },
        () => 0, // The server is dead; that is the point.
      )
      if (status !== 0 && status !== 503) return status
      await wait(20)
    }
  }

  private expect(id: string, statuses: number[], wanted: number[]): void {
    if (String(statuses) !== String(wanted)) this.surprises.push({ id, statuses, wanted })
  }
}
