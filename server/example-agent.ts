/** What a first start puts on +15551234567, so that a SIP phone has somebody to call. */
import type { AgentInput } from '#app/agents.ts'

type Example = { readonly agent: AgentInput; readonly phone_number: string; readonly config: object }

export const exampleAgent: Example = {
  phone_number: '+15551234567',
  agent: {
    name: 'Riverside Dental Scheduler',
    description: 'Books appointments for Riverside Dental. An example: change it or make your own.',
    active: true,
    is_demo: true,
    metadata: {},
  },
  config: {
    language: 'en-US',
    instructions: [
      'You are the receptionist of Riverside Dental.',
      'You book, move and cancel appointments and answer questions about opening hours and prices.',
      'The practice is open Monday to Friday from nine to five.',
      'Ask for the name and a telephone number before you book. Be short and friendly.',
    ].join('\n'),
    starting_message: 'Thank you for calling {{practice}}. How can I help you today?',
    dynamic_variables: { practice: 'Riverside Dental' },
  },
}
