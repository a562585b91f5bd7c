/** The emulator has no number or template of that name: a mistake of who drives it, not a refusal of the Cloud API. */
export class NotKnown extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NotKnown'
  }
}
