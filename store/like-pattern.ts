/** For LIKE: the part anywhere, its own `%` and `_` meaning themselves. */
export const likePattern = (part: string): string => `%${part.replace(/[\\%_]/g, '\\$&')}%`
