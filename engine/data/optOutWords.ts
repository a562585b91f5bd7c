/**
 * What people write when they want no more messages, or want them again. A bare word for "stop" means everything; a
 * word that speaks of a subscription, a list or promotions means marketing, and leaves order updates and codes alone.
 * Words that are also ordinary answers (cancel, end, back, no, はい) are left out: a booking is cancelled that way.
 */
export interface WordList {
  /** Stops every kind of message. */
  outOfAll: readonly string[]
  /** Stops marketing. */
  outOfMarketing: readonly string[]
  /** Agrees to messages again, of every kind. */
  intoAll: readonly string[]
  /** Agrees to marketing again. */
  intoMarketing: readonly string[]
}

export const OPT_OUT_WORDS: Readonly<Record<'en' | 'ja' | 'es' | 'pt' | 'id' | 'hi', WordList>> = {
  en: {
    outOfAll: ['stop', 'stop all', 'stopall', 'stop messages', 'stop messaging me', 'stop sending messages'],
    outOfMarketing: ['unsubscribe', 'stop promotions', 'stop promotion', 'stop marketing', 'stop ads', 'opt out'],
    intoAll: ['start', 'unstop', 'resume'],
    intoMarketing: ['subscribe', 'resubscribe', 'start promotions', 'opt in'],
  },
  ja: {
    outOfAll: ['停止', 'ストップ', '送信停止', 'メッセージ停止', '送らないで', '送らないでください'],
    outOfMarketing: ['配信停止', '配信停止希望', '配信解除', '解除', '購読解除', '広告停止', '登録解除'],
    intoAll: ['再開', '送信再開', 'メッセージ再開'],
    intoMarketing: ['配信再開', '購読再開', '配信希望'],
  },
  es: {
    outOfAll: ['parar', 'detener', 'no enviar más mensajes', 'no enviar mas mensajes'],
    outOfMarketing: ['baja', 'darse de baja', 'dar de baja', 'cancelar suscripción', 'cancelar suscripcion'],
    intoAll: ['reanudar', 'reanudar mensajes'],
    intoMarketing: ['alta', 'suscribir', 'suscribirme'],
  },
  pt: {
    outOfAll: ['parar', 'pare', 'parar mensagens'],
    outOfMarketing: ['sair', 'descadastrar', 'cancelar inscrição', 'cancelar inscricao', 'parar promoções'],
    intoAll: ['retomar', 'retomar mensagens'],
    intoMarketing: ['inscrever', 'recadastrar'],
  },
  id: {
    outOfAll: ['berhenti', 'hentikan', 'stop pesan'],
    outOfMarketing: ['berhenti berlangganan', 'berhenti langganan', 'unreg', 'stop promo'],
    intoAll: ['mulai', 'mulai lagi'],
    intoMarketing: ['berlangganan', 'langganan'],
  },
  hi: {
    outOfAll: ['रोकें', 'रोको', 'रुकें', 'बंद करें', 'बंद करो', 'स्टॉप', 'band karo', 'band karen'],
    outOfMarketing: ['सदस्यता समाप्त करें', 'अनसब्सक्राइब', 'प्रचार बंद करें'],
    intoAll: ['शुरू', 'शुरू करें', 'शुरू करो', 'फिर से शुरू करें'],
    intoMarketing: ['सदस्यता लें', 'सब्सक्राइब'],
  },
}
