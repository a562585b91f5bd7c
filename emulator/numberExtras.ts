/** What a number shows and keeps besides its registration. */
export interface NumberExtras {
  profile: Record<string, unknown>
  settings: Record<string, unknown>
  username: string | null
  /** WhatsApp ids of users who may not write. */
  blocked: Set<string>
  qrCodes: Map<string, QrCode>
}

/** A link that opens a chat with a text. */
export interface QrCode {
  code: string
  prefilled_message: string
  deep_link_url: string
}

export const noExtras = (): NumberExtras => ({
  profile: { messaging_product: 'whatsapp', vertical: 'UNDEFINED' },
  settings: { calling: { status: 'DISABLED' }, storage_configuration: { status: 'DEFAULT' } },
  username: null,
  blocked: new Set(),
  qrCodes: new Map(),
})
