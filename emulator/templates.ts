import type { GraphError } from './graphError.ts'
import { TEMPLATE_MAGIC } from './magic.ts'
import { checkComponents } from './templateCheck.ts'
import { checkCategory, checkFormat, checkLanguage, checkName, checkTimeToLive } from './templateFields.ts'
import { refuseTemplate, SUBCODE } from './templateParts.ts'
import { TemplateLife, type EmulatedTemplate, type LifeSource, type TemplateStatus } from './templateLife.ts'
import { shapeOf } from './templateSend.ts'

export type { EmulatedTemplate, TemplateStatus } from './templateLife.ts'

export interface TemplatesSource extends LifeSource {
  reviewDelayMs: number
  /** How many it may have. */
  max: () => number
  /** The next id, shared with the other accounts. */
  ids: { next: number }
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Source: Meta, Cloud API, "Template management" (editing). */
const LOCKED = new Set<TemplateStatus>(['PENDING', 'DISABLED', 'IN_APPEAL', 'ARCHIVED'])

/** The templates of the account: submitted, reviewed after a while, paused, edited, deleted. */
export class Templates extends TemplateLife {
  private readonly byId = new Map<string, EmulatedTemplate>()
  private readonly byKey = new Map<string, EmulatedTemplate>()
  /** Names of deleted approved templates, and until when they are blocked. */
  private readonly blockedUntil = new Map<string, number>()
  /** From submitted to approved or rejected. */
  reviewDelayMs: number
  private readonly register: TemplatesSource

  constructor(source: TemplatesSource) {
    super(source)
    this.register = source
    this.reviewDelayMs = source.reviewDelayMs
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
    if (this.byId.size >= this.register.max())
      throw refuseTemplate(
        SUBCODE.tooMany,
        'Too many templates',
        `The account has its ${this.register.max()} templates.`,
      )
    const category = asked === 'UTILITY' && TEMPLATE_MAGIC.recategorized.test(name) ? 'MARKETING' : asked
    const template: EmulatedTemplate = {
      id: String(this.register.ids.next++),
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
      pacedAt: null,
      pacing: null,
      correctCategory: null,
      quality: null,
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
    if (LOCKED.has(template.status)) {
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
    if (body['components'] !== undefined) this.tellComponents(template)
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
    for (const template of gone) this.forget(template)
  }

  protected override forget(template: EmulatedTemplate): void {
    const { id, name, language, status } = template
    this.byId.delete(id)
    this.byKey.delete(`${name} ${language}`)
    template.revision++
    if (status === 'APPROVED') this.blockedUntil.set(name, this.source.scheduler.now() + 30 * DAY_MS)
    this.tellStatus(template, 'DELETED', null)
  }

  private review(template: EmulatedTemplate): void {
    template.rejectedReason = 'NONE'
    if (TEMPLATE_MAGIC.slow.test(template.name)) {
      template.revision++
      return
    }
    this.later(template, this.reviewDelayMs, () => {
      if (TEMPLATE_MAGIC.rejected.test(template.name)) this.reject(template, 'INVALID_FORMAT')
      else this.approve(template)
    })
  }
}
