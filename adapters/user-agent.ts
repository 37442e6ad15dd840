/** By what name websites know us. */

/** The token that robots.txt is read for (RFC 9309 2.2.1). */
export const USER_AGENT = 'Patchcord'
export const USER_AGENT_HEADER = 'Mozilla/5.0 (compatible; Patchcord/1.0; reads the website of its customer)'
