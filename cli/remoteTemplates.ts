import type { TakenOver } from '#server/templates/takeOver.ts'
import type { Deleted, TemplateDesk, TemplateView } from '#server/templates/desk.ts'
import { callServer } from './remote.ts'

/** The templates of a running server. */
export function remoteTemplates(server: { url: string; key: string }): TemplateDesk {
  const path = ({ name, language }: { name: string; language: string }, verb = '') =>
    `/v1/templates/${encodeURIComponent(name)}/${encodeURIComponent(language)}${verb}`
  const post =
    (verb: string, body: object = {}) =>
    (which: { name: string; language: string }) =>
      callServer<TemplateView>(server, 'POST', path(which, verb), body)
  const query = (given: object) => {
    const search = new URLSearchParams(given as Record<string, string>).toString()
    return search === '' ? '' : `?${search}`
  }
  return {
    list: async (filter = {}) =>
      (await callServer<{ items: TemplateView[] }>(server, 'GET', `/v1/templates${query(filter)}`)).items,
    read: (which) => callServer<TemplateView>(server, 'GET', path(which)),
    agree: post('/category', { agree: true }),
    submit: post('/submit'),
    unpause: post('/unpause'),
    remove: ({ name, language }) => {
      const which = language === undefined ? '' : query({ language })
      return callServer<Deleted>(server, 'DELETE', `/v1/templates/${encodeURIComponent(name)}${which}`)
    },
    takeOver: ({ module, accountId, ...which }) =>
      callServer<TakenOver>(server, 'POST', path(which, '/take-over'), {
        module,
        ...(accountId === undefined ? {} : { accountId }),
      }),
  }
}
