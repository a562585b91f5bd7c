import type { Scheduler } from './scheduler.ts'
import type { ParameterFormat, TemplateCategory, TemplateComponent } from './templateParts.ts'
import type { TemplateShape } from './templateSend.ts'

export type TemplateStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'PAUSED' | 'DISABLED' | 'IN_APPEAL' | 'ARCHIVED'

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
  /** Paused by pacing: it does not end by itself, and not within five minutes. */
  pacedAt: number | null
  pacing: Pacing | null
  /** What it is to become, and when; null when nothing is planned. */
  correctCategory: { category: TemplateCategory; at: number } | null
  quality: { score: QualityScore; at: number } | null
  /** Grows with each submission and each decision, so that an older review or pause cannot end a newer one. */
  revision: number
  shape: TemplateShape
}

/** How a template is let out slowly: after the first messages the others are held until Meta has made up its mind. */
export interface Pacing {
  /** Messages that still go at once. */
  left: number
  decideAt: number
  outcome: 'release' | 'drop'
}

export type QualityScore = 'GREEN' | 'YELLOW' | 'RED' | 'UNKNOWN'

export interface LifeSource {
  scheduler: Scheduler
  /** Tells the receiver: the webhook's field and value. */
  tell(field: string, value: object): void
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Low quality pauses a template for 3 h, then 6 h, then disables it. Source: Meta, Cloud API, "Template pausing". */
const PAUSES_MS = [3 * HOUR_MS, 6 * HOUR_MS]
/** A pause by pacing cannot be ended sooner. */
const PACED_MIN_MS = 5 * 60_000
/** Source: Meta, Cloud API, "Template archival": 28 days after it was archived a template is deleted. */
const ARCHIVED_MS = 28 * DAY_MS
const RECOMMENDATION = 'Mend the template and submit it again.'

/** What happens to a template after it was submitted. Each step tells its webhook. */
export abstract class TemplateLife {
  protected readonly source: LifeSource

  constructor(source: LifeSource) {
    this.source = source
  }

  /** Takes it out of the account. */
  protected abstract forget(template: EmulatedTemplate): void

  approve(template: EmulatedTemplate): void {
    this.become(template, 'APPROVED')
    this.tellStatus(template, 'APPROVED', 'NONE')
  }

  /** @param recommendation what Meta says to do about it */
  reject(template: EmulatedTemplate, reason: string, recommendation = RECOMMENDATION): void {
    this.become(template, 'REJECTED')
    template.rejectedReason = reason
    this.tellStatus(template, 'REJECTED', reason, {
      rejection_info: {
        reason: `The template was rejected: ${reason}.`,
        recommendation,
      },
    })
  }

  /** For low quality: 3 hours, then 6, and the third time disabled. */
  pause(template: EmulatedTemplate): void {
    const pausedMs = PAUSES_MS[template.pauses++]
    if (pausedMs === undefined) return this.disable(template)
    template.pacedAt = null
    this.become(template, 'PAUSED')
    const title = template.pauses === 1 ? 'FIRST_PAUSE' : 'SECOND_PAUSE'
    this.tellStatus(template, 'PAUSED', null, {
      other_info: { title, description: `Paused for ${pausedMs / HOUR_MS} hours.` },
    })
    this.later(template, pausedMs, () => this.unpause(template))
  }

  unpause(template: EmulatedTemplate): void {
    this.become(template, 'APPROVED')
    template.pacedAt = null
    this.tellStatus(template, 'APPROVED', null, {
      other_info: { title: 'UNPAUSE', description: 'The template can be sent again.' },
    })
  }

  disable(template: EmulatedTemplate): void {
    this.become(template, 'DISABLED')
    const date = new Date(this.source.scheduler.now()).toISOString().slice(0, 10)
    this.tellStatus(template, 'DISABLED', null, {
      disable_info: { disable_date: date },
      other_info: { title: 'DISABLED', description: 'The template was paused for low quality before.' },
    })
  }

  /** Lets the first messages go, and holds the rest until Meta has seen how those were taken: then all go, or all are dropped and it is paused. */
  pace(
    template: EmulatedTemplate,
    { left, afterMs, outcome }: { left: number; afterMs: number; outcome: Pacing['outcome'] },
  ): void {
    const { scheduler } = this.source
    const pacing: Pacing = { left, decideAt: scheduler.now() + afterMs, outcome }
    template.pacing = pacing
    scheduler.at(pacing.decideAt, () => {
      if (template.pacing !== pacing) return
      template.pacing = null
      if (outcome === 'release' || template.status !== 'APPROVED') return
      this.become(template, 'PAUSED')
      template.pacedAt = scheduler.now()
      this.tellStatus(template, 'PAUSED', null, {
        other_info: { title: 'RATE_LIMITING_PAUSE', description: 'Paused because of feedback on its first messages.' },
      })
    })
  }

  /** Whether the API may end its pause now. */
  mayUnpause({ status, pacedAt }: EmulatedTemplate): boolean {
    return status === 'PAUSED' && (pacedAt === null || this.source.scheduler.now() >= pacedAt + PACED_MIN_MS)
  }

  /** At once, as for accounts that were warned of abuse. */
  recategorize(template: EmulatedTemplate, category: TemplateCategory): void {
    template.correctCategory = null
    template.previousCategory = template.category
    template.category = category
    this.source.tell('template_category_update', {
      ...namesOf(template),
      previous_category: template.previousCategory,
      new_category: category,
    })
  }

  /** Told now, done later. Source: Meta, Cloud API, "Template categorization" (24 hours of notice). */
  scheduleCategory(template: EmulatedTemplate, category: TemplateCategory, afterMs = DAY_MS): void {
    const { scheduler } = this.source
    const planned = { category, at: scheduler.now() + afterMs }
    template.correctCategory = planned
    this.source.tell('template_category_update', {
      ...namesOf(template),
      new_category: template.category,
      correct_category: category,
      category_update_timestamp: Math.floor(planned.at / 1000),
    })
    scheduler.at(planned.at, () => {
      if (template.correctCategory === planned) this.recategorize(template, category)
    })
  }

  /** Its quality is another. */
  rate(template: EmulatedTemplate, score: QualityScore): void {
    const previous = template.quality?.score ?? 'UNKNOWN'
    template.quality = { score, at: this.source.scheduler.now() }
    this.source.tell('message_template_quality_update', {
      previous_quality_score: previous,
      new_quality_score: score,
      ...namesOf(template),
    })
  }

  archive(template: EmulatedTemplate): void {
    this.become(template, 'ARCHIVED')
    this.tellStatus(template, 'ARCHIVED', null)
    this.later(template, ARCHIVED_MS, () => this.forget(template))
  }

  unarchive(template: EmulatedTemplate): void {
    this.become(template, 'APPROVED')
    this.tellStatus(template, 'UNARCHIVED', null)
  }

  appeal(template: EmulatedTemplate): void {
    this.become(template, 'IN_APPEAL')
    this.tellStatus(template, 'IN_APPEAL', null)
  }

  /** An appeal was granted: it can be sent again. */
  reinstate(template: EmulatedTemplate): void {
    this.become(template, 'APPROVED')
    this.tellStatus(template, 'REINSTATED', null)
  }

  /** Only told: its status in REST stays as it is. */
  flag(template: EmulatedTemplate): void {
    this.tellStatus(template, 'FLAGGED', null)
  }

  protected tellComponents(template: EmulatedTemplate): void {
    const part = (type: string): TemplateComponent | undefined => template.components.find((one) => one.type === type)
    const header = part('HEADER')?.text
    const footer = part('FOOTER')?.text
    const buttons = part('BUTTONS')?.buttons
    this.source.tell('message_template_components_update', {
      ...namesOf(template),
      message_template_element: part('BODY')?.text ?? '',
      ...(header === undefined ? {} : { message_template_title: header }),
      ...(footer === undefined ? {} : { message_template_footer: footer }),
      ...(buttons === undefined
        ? {}
        : {
            message_template_buttons: buttons.map(({ type, text, url, phone_number: phone }) => ({
              message_template_button_type: type,
              message_template_button_text: text,
              ...(url === undefined ? {} : { message_template_button_url: url }),
              ...(phone === undefined ? {} : { message_template_button_phone_number: phone }),
            })),
          }),
    })
  }

  /** Does it then, unless something else has happened to the template by then. */
  protected later(template: EmulatedTemplate, afterMs: number, act: () => void): void {
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

  protected tellStatus(template: EmulatedTemplate, event: string, reason: string | null, more: object = {}): void {
    this.source.tell('message_template_status_update', {
      event,
      ...namesOf(template),
      message_template_category: template.category,
      reason,
      ...more,
    })
  }
}

/** A JSON number and a language with a hyphen here, a string and an underscore in REST. */
const namesOf = ({ id, name, language }: EmulatedTemplate): object => ({
  message_template_id: Number(id),
  message_template_name: name,
  message_template_language: language.replace('_', '-'),
})
