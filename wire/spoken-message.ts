/** What is spoken to a caller before the call ends. */
import { Type as T } from 'typebox'

/** Of white space alone no speech can be made: such a call would ring, and be refused with 480 all the same. */
export const NOT_BLANK = '\\S'

export const spokenMessage = () => T.String({ minLength: 1, maxLength: 1000, pattern: NOT_BLANK })
