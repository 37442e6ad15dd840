/** Status codes that we send, with the phrases of RFC 3261 section 21. */
const phrases: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  200: 'OK',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'Version Not Supported',
  600: 'Busy Everywhere',
  603: 'Decline',
}

export function reasonPhrase(status: number): string {
  return phrases[status] ?? (status < 200 ? 'Progress' : status < 300 ? 'OK' : 'Refused')
}

/** What we take outside of and inside a dialog; UPDATE is left out: nothing here needs an offer before the answer. */
export const allowed_methods = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO'

const known_elsewhere = new Set(['REGISTER', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'MESSAGE', 'REFER', 'PRACK', 'UPDATE'])

/** 405 for a method that we know and do not take, 501 for one that we have never heard of (8.2.1, 21.5.2). */
export function statusOfForeignMethod(method: string): 405 | 501 {
  return known_elsewhere.has(method) ? 405 : 501
}
