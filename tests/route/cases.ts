/** All routing cases. */
import type { Case } from '#tests/route/case.ts'
import { clockCases } from '#tests/route/cases-clock.ts'
import { fallbackCases } from '#tests/route/cases-fallback.ts'
import { oneWayCases } from '#tests/route/cases-one-way.ts'
import { slotCases } from '#tests/route/cases-slot.ts'
import { webhookCases } from '#tests/route/cases-webhook.ts'

export const CASES: readonly Case[] = [...slotCases, ...clockCases, ...webhookCases, ...fallbackCases, ...oneWayCases]
