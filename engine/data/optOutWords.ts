/**
 * What people write when they want no more messages, or want them again. A bare word for "stop" means everything; a
 * word that speaks of a subscription, a list or promotions means marketing, and leaves order updates and codes alone.
 * Words that are also ordinary answers (cancel, end, back, no, はい, 退会, cancelar assinatura) are left out: a booking or a
 * membership is cancelled that way.
 *
 * Case, width, accents, spaces and marks are no matter, and neither are polite words around them; see optOut.ts.
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
    // prettier-ignore
    outOfAll: [
      'stop', 'stop all', 'stop it', 'stop now', 'stop messages', 'stop messaging', 'stop messaging me', 'stop sending messages',
      'stop sending me messages', 'stop texting', 'stop texting me', 'no more messages', 'do not message me', "don't message me",
      'do not contact me', "don't contact me", 'quit', 'revoke', 'remove me',
    ],
    // prettier-ignore
    outOfMarketing: [
      'unsubscribe', 'unsubscribe me', 'unsub', 'stop promotions', 'stop promotion', 'stop promos', 'stop marketing', 'stop ads',
      'stop offers', 'no more offers', 'no more ads', 'opt out', 'opt me out', 'remove me from the list', 'remove me from this list',
      'remove me from your list',
    ],
    intoAll: ['start', 'unstop', 'resume', 'start messages', 'resume messages'],
    intoMarketing: ['subscribe', 'subscribe me', 'resubscribe', 'start promotions', 'opt in', 'opt me in'],
  },
  ja: {
    // prettier-ignore
    outOfAll: [
      '停止', '停止希望', 'ストップ', '送信停止', '送信を停止', '送信停止希望', 'メッセージ停止', 'メッセージを停止', 'メッセージの停止', 'メッセージの送信を停止',
      '送らないで', 'もう送らないで', 'メッセージを送らないで', '送信しないで', 'もう送信しないで', '連絡しないで', 'もう連絡しないで',
      '連絡不要', '送信不要', 'メッセージ不要', '受信拒否', '送信をやめて', '送信を止めて', 'メッセージをやめて', 'メッセージを止めて', 'やめて', '止めて', 'とめて',
    ],
    // prettier-ignore
    outOfMarketing: [
      '配信停止', '配信を停止', '配信の停止', '配信停止希望', '配信解除', '配信を解除', '配信の解除', '配信不要', '配信拒否', '配信しないで', '配信をやめて',
      '配信を止めて', '配信をとめて', '解除', '解除希望', '購読解除', '購読を解除', '購読停止', '購読を停止', '登録解除', '登録を解除', '登録の解除',
      '広告停止', '広告を停止', '広告不要', '広告拒否', '広告を送らないで', '宣伝不要', '宣伝を送らないで', 'お知らせ停止', 'お知らせ不要',
      'メルマガ停止', 'メルマガ解除', 'メルマガ不要', 'オプトアウト',
    ],
    intoAll: ['再開', '送信再開', '送信を再開', 'メッセージ再開', 'メッセージを再開'],
    intoMarketing: ['配信再開', '配信を再開', '配信の再開', '購読再開', '購読を再開', '配信希望', 'オプトイン'],
  },
  es: {
    // prettier-ignore
    outOfAll: [
      'parar', 'pare', 'paren', 'detener', 'parar mensajes', 'detener mensajes', 'no más mensajes', 'no enviar más',
      'no enviar más mensajes', 'no me envíen más mensajes', 'no me manden más mensajes', 'no me escriban', 'no me escriban más',
      'no me contacten', 'no me contacten más', 'no quiero más mensajes', 'no quiero recibir más mensajes', 'dejen de escribirme',
      'dejen de enviarme mensajes',
    ],
    // prettier-ignore
    outOfMarketing: [
      'baja', 'darse de baja', 'darme de baja', 'dar de baja', 'dame de baja', 'denme de baja', 'deme de baja', 'quiero darme de baja',
      'solicito la baja', 'cancelar suscripción', 'cancelar la suscripción', 'cancelar mi suscripción', 'anular suscripción',
      'desuscribir', 'desuscribirme', 'desuscribirse', 'no más promociones', 'no más publicidad', 'no quiero publicidad',
      'no quiero promociones',
    ],
    intoAll: ['reanudar', 'reanudar mensajes', 'reactivar mensajes'],
    intoMarketing: ['alta', 'darme de alta', 'suscribir', 'suscribirme', 'suscribirse'],
  },
  pt: {
    // prettier-ignore
    outOfAll: [
      'parar', 'pare', 'parem', 'parar mensagens', 'parar as mensagens', 'chega de mensagens', 'não enviar mais', 'não enviar mais mensagens',
      'não envie mais', 'não envie mais mensagens', 'não enviem mais mensagens', 'não me mande mais mensagens',
      'não me mandem mais mensagens', 'não quero mais mensagens', 'não quero mais receber mensagens', 'não quero receber mensagens',
      'pare de enviar mensagens', 'parem de enviar mensagens', 'pare de me enviar mensagens', 'parem de me enviar mensagens',
    ],
    // prettier-ignore
    outOfMarketing: [
      'sair', 'quero sair', 'sair da lista', 'quero sair da lista', 'me tire da lista', 'me tirem da lista', 'me remova da lista',
      'remover da lista', 'descadastrar', 'descadastre', 'me descadastre', 'descadastro', 'quero me descadastrar', 'desinscrever',
      'cancelar inscrição', 'cancelar minha inscrição', 'parar promoções', 'chega de promoções', 'não quero promoções',
      'não quero mais promoções', 'não quero propaganda', 'sem propaganda',
    ],
    intoAll: ['retomar', 'retomar mensagens', 'voltar a receber mensagens'],
    intoMarketing: ['inscrever', 'me inscrever', 'quero me inscrever', 'recadastrar'],
  },
  id: {
    // prettier-ignore
    outOfAll: [
      'berhenti', 'berhentilah', 'hentikan', 'stop pesan', 'hentikan pesan', 'berhenti kirim pesan', 'stop kirim pesan',
      'berhenti mengirim pesan', 'jangan kirim pesan', 'jangan kirim pesan lagi', 'jangan kirim lagi', 'jangan hubungi saya',
      'jangan hubungi saya lagi', 'jangan chat lagi', 'jangan ganggu',
    ],
    // prettier-ignore
    outOfMarketing: [
      'berhenti berlangganan', 'berhenti langganan', 'stop langganan', 'stop berlangganan', 'batal langganan', 'batal berlangganan',
      'unreg', 'stop promo', 'stop promosi', 'stop iklan', 'hentikan promo', 'hentikan promosi', 'hentikan iklan', 'tidak mau promo',
      'jangan kirim promo', 'jangan kirim promo lagi', 'jangan kirim iklan', 'keluar dari daftar', 'hapus saya dari daftar',
    ],
    intoAll: ['mulai', 'mulai lagi', 'mulai pesan', 'kirim pesan lagi'],
    intoMarketing: ['berlangganan', 'langganan', 'mulai berlangganan', 'berlangganan lagi'],
  },
  hi: {
    // prettier-ignore
    outOfAll: [
      'रोकें', 'रोको', 'रोक दो', 'रोक दें', 'रोकिए', 'रुकें', 'रुको', 'बंद', 'बंद करें', 'बंद करो', 'बंद कर दो', 'बंद कर दें', 'बंद कीजिए', 'बंद कर दीजिए', 'स्टॉप',
      'मैसेज बंद करें', 'मैसेज बंद करो', 'मैसेज रोकें', 'मैसेज मत भेजो', 'मैसेज मत भेजें', 'मैसेज न भेजें', 'संदेश बंद करें', 'संदेश बंद करो', 'संदेश रोकें',
      'संदेश मत भेजो', 'संदेश मत भेजें', 'संदेश न भेजें', 'मत भेजो', 'मत भेजें', 'मत भेजिए',
      'roko', 'roken', 'rok do', 'ruko', 'band', 'band karo', 'band karen', 'band kare', 'band kar do', 'band kar dijiye', 'band kijiye',
      'bandh karo', 'message band karo', 'message band kar do', 'message band karen', 'message mat bhejo', 'message mat bhejiye',
      'msg band karo', 'msg mat bhejo', 'sandesh band karo', 'sandesh mat bhejo', 'mat bhejo', 'mat bhejiye',
    ],
    // prettier-ignore
    outOfMarketing: [
      'सदस्यता समाप्त करें', 'सदस्यता रद्द करें', 'सदस्यता समाप्त', 'अनसब्सक्राइब', 'अनसब्सक्राइब करें', 'अनसब्सक्राइब करो', 'प्रचार बंद करें', 'प्रचार बंद करो',
      'विज्ञापन बंद करें', 'विज्ञापन बंद करो', 'विज्ञापन मत भेजो', 'ऑफर बंद करें', 'ऑफर बंद करो', 'ऑफर मत भेजो', 'प्रमोशन बंद करें', 'प्रमोशन बंद करो',
      'unsubscribe karo', 'unsubscribe karen', 'promotion band karo', 'promo band karo', 'offer band karo', 'offer mat bhejo',
      'vigyapan band karo', 'ads band karo',
    ],
    intoAll: [
      'शुरू',
      'शुरू करें',
      'शुरू करो',
      'शुरू कीजिए',
      'फिर से शुरू करें',
      'फिर से शुरू करो',
      'shuru',
      'shuru karo',
      'shuru karen',
      'phir se shuru karo',
    ],
    intoMarketing: ['सदस्यता लें', 'सब्सक्राइब', 'सब्सक्राइब करें', 'सब्सक्राइब करो', 'subscribe karo', 'subscribe karen'],
  },
}
