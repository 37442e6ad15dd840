/** Which webhooks may be saved. */
import type { App } from '#app/context.ts'
import { refuse } from '#app/refused.ts'
import { refuseUrl, URL_REFUSALS } from '#core/outbound-url.ts'

/** Only the URL's form is judged here; its address is at every connect. null and absent are no URL. */
export const requireWebhookUrl = (app: App, url: string | null | undefined): void => {
  const refusal = typeof url === 'string' ? refuseUrl(url, app.outbound_allow) : null
  if (refusal !== null) refuse('webhook_url_refused', [URL_REFUSALS[refusal]])
}
