import { EXIT, type Context } from '../context.ts'
import { openDoor, type DoorOptions } from '../door.ts'
import { say } from '../texts.ts'
import { whoOf } from '../who.ts'

/** `denrei erase ADDRESS`: shows what forgetting a person would take; with `--yes` it is done, for good. */
export async function erase(
  { output, env }: Context,
  address: string,
  { yes = false, ...options }: DoorOptions & { yes?: boolean },
): Promise<number> {
  const door = await openDoor(env, options, yes ? 'change' : 'look')
  try {
    const request = { who: whoOf(address) }
    const plan = await (yes ? door.people.erase(request) : door.people.planErasure(request))
    const isNobody = plan.contact === null && plan.records.length === 0
    output.result({ erased: yes, plan }, () => {
      if (isNobody) return output.line(say(output.language, 'eraseNobody', address))
      output.line(
        say(output.language, yes ? 'eraseDone' : 'erasePlan', plan.records.length, plan.instances, plan.messages),
      )
      for (const { module, recordId } of plan.records) output.line(`  ${module}/${recordId}`)
      if (plan.mentions.length > 0) output.line(say(output.language, 'eraseMentions'))
      for (const { module, recordId } of plan.mentions) output.line(`  ${module}/${recordId}`)
      if (!yes) output.line(say(output.language, 'eraseConfirm'))
    })
    // Asked for and not done: a script must see the difference.
    return yes || isNobody ? EXIT.ok : EXIT.no
  } finally {
    await door.close()
  }
}
