/** Seeded numbers (mulberry32), so that a failing run can be played again. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** True with that probability. Draws nothing for 0 and 1, so that an unused fault does not change the sequence. */
  chance(rate: number): boolean {
    return rate > 0 && (rate >= 1 || this.next() < rate)
  }

  hex(length: number): string {
    let text = ''
    while (text.length < length) text += ((this.next() * 2 ** 32) >>> 0).toString(16).padStart(8, '0')
    return text.slice(0, length).toUpperCase()
  }
}

/** In [0, 1), always the same for the same seed and text: a decision about one message that no other message can shift. */
export function fraction(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return new Random(hash).next()
}
