import type { GraphError } from './graphError.ts'
import { TEMPLATE_MAGIC } from './magic.ts'
import type { Scheduler } from './scheduler.ts'
import { checkComponents } from './templateCheck.ts'
import { checkCategory, checkFormat, checkLanguage, checkName, checkTimeToLive } from './templateFields.ts'
import {
  refuseTemplate,
  SUBCODE,
  type ParameterFormat,
  type TemplateCategory,
  type TemplateComponent,
} from './templateParts.ts'
import { shapeOf, type TemplateShape } from './templateSend.ts'

export type TemplateStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'PAUSED' | 'DISABLED'

/** A template of the account as it stands. */
export interface EmulatedTemplate {
  id: string
  name: string
  language: string
  category: TemplateCategory
  previousCategory: TemplateCategory | null
  status: TemplateStatus
  rejectedReason: string
  parameterFormat: ParameterFormat
  components: TemplateComponent[]
  timeToLiveSeconds: number | undefined
  createdAt: number
  /** When it was edited while approved. */
  editedAt: number[]
  pauses: number
  /** Grows with each submission and each decision, so that an older review or pause cannot end a newer one. */
  revision: number
  shape: TemplateShape
}

export interface TemplatesSource {
  scheduler: Scheduler
  reviewDelayMs: number
  /** The next id, shared with the other accounts. */
  ids: { next: number }
  /** Tells the receiver: the webhook's field and value. */
  tell(field: string, value: object): void
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Low quality pauses a template for 3 h, then 6 h, then disables it. Source: Meta, Cloud API, "Template pausing". */
const PAUSES_MS = [3 * HOUR_MS, 6 * HOUR_MS]

/** The templates of the account: submitted, reviewed after a while, paused, edited, deleted. */
export class Templates {
  private readonly byId = new Map<string, EmulatedTemplate>()
  private readonly byKey = new Map<string, EmulatedTemplate>()
  /** Names of deleted approved templates, and until when they are blocked. */
  private readonly blockedUntil = new Map<string, number>()
  private readonly source: TemplatesSource

  constructor(source: TemplatesSource) {
    this.source = source
  }

  /** In the order they were submitted. */
  list(): EmulatedTemplate[] {
    return [...this.byId.values()]
  }

  get(id: string): EmulatedTemplate | undefined {
    return this.byId.get(id)
  }

  find(name: string, language: string): EmulatedTemplate | undefined {
    return this.byKey.get(`${name} ${language}`)
  }

  /** @throws GraphError 100, with a subcode for what is wrong */
  create(body: Record<string, unknown>): EmulatedTemplate {
    const now = this.source.scheduler.now()
    const name = checkName(body['name'])
    const language = checkLanguage(body['language'])
    const asked = checkCategory(body['category'])
    const format = checkFormat(body['parameter_format'])
    const ttl = checkTimeToLive(body['message_send_ttl_seconds'], asked)
    const components = checkComponents(body['components'], asked, format, language)
    if (this.find(name, language)) {
      throw refuseTemplate(
        SUBCODE.exists,
        'Content in this language already exists',
        `"${name}" already has content in ${language}.`,
      )
    }
    if ((this.blockedUntil.get(name) ?? 0) > now) {
      throw refuseTemplate(
        SUBCODE.beingDeleted,
        'Message template language is being deleted',
        `"${name}" was deleted. Try again 30 days after that or choose another name.`,
      )
    }
    const category = asked === 'UTILITY' && TEMPLATE_MAGIC.recategorized.test(name) ? 'MARKETING' : asked
    const template: EmulatedTemplate = {
      id: String(this.source.ids.next++),
      name,
      language,
      category,
      previousCategory: null,
      status: 'PENDING',
      rejectedReason: 'NONE',
      parameterFormat: format,
      components,
      timeToLiveSeconds: ttl,
      createdAt: now,
      editedAt: [],
      pauses: 0,
      revision: 0,
      shape: shapeOf(components, format),
    }
    this.byId.set(template.id, template)
    this.byKey.set(`${name} ${language}`, template)
    this.review(template)
    return template
  }

  /** Replaces the components, and sends the template into review again. @throws GraphError 100 */
  edit(template: EmulatedTemplate, body: Record<string, unknown>): void {
    const now = this.source.scheduler.now()
    const cannot = (details: string): GraphError =>
      refuseTemplate(SUBCODE.cannotChange, "Template can't be edited", details)
    if (template.status === 'PENDING' || template.status === 'DISABLED') {
      throw cannot(`A template that is ${template.status} cannot be edited.`)
    }
    const category = body['category'] === undefined ? template.category : checkCategory(body['category'])
    const wasApproved = template.status === 'APPROVED'
    if (wasApproved && category !== template.category)
      throw cannot('The category of an approved template cannot be edited.')
    if (wasApproved) {
      const within = (spanMs: number): number => template.editedAt.filter((at) => at > now - spanMs).length
      if (within(DAY_MS) >= 1) throw cannot('An approved template can be edited once in 24 hours.')
      if (within(30 * DAY_MS) >= 10) throw cannot('An approved template can be edited 10 times in 30 days.')
    }
    const ttl = checkTimeToLive(body['message_send_ttl_seconds'], category)
    if (body['components'] !== undefined) {
      const { parameterFormat, language } = template
      template.components = checkComponents(body['components'], category, parameterFormat, language)
      template.shape = shapeOf(template.components, parameterFormat)
    }
    if (wasApproved) template.editedAt.push(now)
    template.category = category
    template.timeToLiveSeconds = ttl ?? template.timeToLiveSeconds
    template.status = 'PENDING'
    this.review(template)
  }

  /** @param id only that language; without it all of the name. @throws GraphError 100 when there is none, or it is disabled */
  remove(name: string, id?: string): void {
    const gone = this.list().filter((template) => template.name === name && (id === undefined || template.id === id))
    if (gone.length === 0) {
      throw refuseTemplate(SUBCODE.notFound, 'Message Template Not Found', `No message template "${name}" was found.`)
    }
    if (gone.some((template) => template.status === 'DISABLED')) {
      throw refuseTemplate(SUBCODE.cannotChange, "Template can't be deleted", 'A disabled template cannot be deleted.')
    }
    for (const template of gone) {
      this.byId.delete(template.id)
      this.byKey.delete(`${template.name} ${template.language}`)
      template.revision++
      if (template.status === 'APPROVED') this.blockedUntil.set(name, this.source.scheduler.now() + 30 * DAY_MS)
      this.tellStatus(template, 'DELETED', null)
    }
  }

  approve(template: EmulatedTemplate): void {
    this.become(template, 'APPROVED')
    this.tellStatus(template, 'APPROVED', 'NONE')
  }

  reject(template: EmulatedTemplate, reason: string): void {
    this.become(template, 'REJECTED')
    template.rejectedReason = reason
    this.tellStatus(template, 'REJECTED', reason, {
      rejection_info: {
        reason: 'The format is not as it should be.',
        recommendation: 'Mend the template and submit it again.',
      },
    })
  }

  /** For low quality: 3 hours, then 6, and the third time disabled. */
  pause(template: EmulatedTemplate): void {
    const pausedMs = PAUSES_MS[template.pauses++]
    if (pausedMs === undefined) return this.disable(template)
    this.become(template, 'PAUSED')
    const title = template.pauses === 1 ? 'FIRST_PAUSE' : 'SECOND_PAUSE'
    this.tellStatus(template, 'PAUSED', null, {
      other_info: { title, description: `Paused for ${pausedMs / HOUR_MS} hours.` },
    })
    this.later(template, pausedMs, () => this.unpause(template))
  }

  unpause(template: EmulatedTemplate): void {
    this.become(template, 'APPROVED')
    this.tellStatus(template, 'APPROVED', null, {
      other_info: { title: 'UNPAUSE', description: 'The template can be sent again.' },
    })
  }

  disable(template: EmulatedTemplate): void {
    this.become(template, 'DISABLED')
    const date = new Date(this.source.scheduler.now()).toISOString().slice(0, 10)
    this.tellStatus(template, 'DISABLED', null, { disable_info: { disable_date: date } })
  }

  recategorize(template: EmulatedTemplate, category: TemplateCategory): void {
    template.previousCategory = template.category
    template.category = category
    this.source.tell('template_category_update', {
      message_template_id: Number(template.id),
      message_template_name: template.name,
      message_template_language: template.language.replace('_', '-'),
      previous_category: template.previousCategory,
      new_category: category,
    })
  }

  private review(template: EmulatedTemplate): void {
    template.rejectedReason = 'NONE'
    if (TEMPLATE_MAGIC.slow.test(template.name)) {
      template.revision++
      return
    }
    this.later(template, this.source.reviewDelayMs, () => {
      if (TEMPLATE_MAGIC.rejected.test(template.name)) this.reject(template, 'INVALID_FORMAT')
      else this.approve(template)
    })
  }

  /** Does it then, unless something else has happened to the template by then. */
  private later(template: EmulatedTemplate, afterMs: number, act: () => void): void {
    const revision = ++template.revision
    const { scheduler } = this.source
    scheduler.at(scheduler.now() + afterMs, () => {
      if (template.revision === revision) act()
    })
  }

  private become(template: EmulatedTemplate, status: TemplateStatus): void {
    template.status = status
    template.revision++
  }

  private tellStatus(template: EmulatedTemplate, event: string, reason: string | null, more: object = {}): void {
    this.source.tell('message_template_status_update', {
      event,
      // A JSON number and a language with a hyphen here, a string and an underscore in REST.
      message_template_id: Number(template.id),
      message_template_name: template.name,
      message_template_language: template.language.replace('_', '-'),
      message_template_category: template.category,
      reason,
      ...more,
    })
  }
}
