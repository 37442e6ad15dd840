/**
 * Weighted rendezvous hashing: each arm draws `-ln(u) / weight`, and the smallest wins. u comes from a 64-bit hash of who
 * calls whom and of the arm, so an arm's draw depends on nothing but itself: the order of a list moves nobody, and an arm
 * that grows while the others keep their proportions takes callers from all of them and gives none away.
 */

/** The two halves of 64 bits. */
export type Halves = { readonly high: number; readonly low: number }

/** MurmurHash3's finalizer: each bit of the argument changes about half of the result's. */
const avalanche = (bits: number): number => {
  let h = bits
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/**
 * 64 bits of two texts, the same in every process and for good: tests/core/rendezvous.test.ts has vectors. Of two, because
 * joining them for every call would cost more than hashing them.
 */
export const hashPair = (first: string, second: string): Halves => {
  let high = 0x9e3779b9 ^ first.length
  let low = 0x7f4a7c15 ^ second.length
  for (let index = 0; index < first.length; index++) {
    const unit = first.charCodeAt(index)
    high = Math.imul(high ^ unit, 0x01000193)
    low = Math.imul((low << 5) ^ (low >>> 27) ^ unit, 0x9e3779b1)
  }
  for (let index = 0; index < second.length; index++) {
    const unit = second.charCodeAt(index)
    high = Math.imul(high ^ unit, 0x01000193)
    low = Math.imul((low << 5) ^ (low >>> 27) ^ unit, 0x9e3779b1)
  }
  high = avalanche(high)
  low = avalanche(low ^ high)
  return { high: avalanche(high ^ low) | 0, low: low | 0 }
}

/** 2^-27 and 2^-53: u has 53 bits, as many as a double holds, and is never 0. */
const PER_27_BITS = 1 / 0x8000000
const PER_53_BITS = 1 / 0x20000000000000

/** Uniform in (0, 1): of one arm for one caller. */
const uniform = (who: Halves, arm: Halves): number => {
  const a = avalanche(who.high ^ arm.high)
  const b = avalanche((who.low ^ arm.low) + a)
  const c = avalanche(a ^ Math.imul(b, 0x9e3779b1))
  return (b >>> 5) * PER_27_BITS + ((c >>> 6) + 0.5) * PER_53_BITS
}

/** Smallest wins; `weight` above 0, in any unit. */
export const score = (who: Halves, arm: Halves, weight: number): number => -Math.log(uniform(who, arm)) / weight
