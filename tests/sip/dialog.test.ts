/** RFC 3261 section 12: routes, targets and CSeq of a dialog. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { request } from '#tests/sip/endpoint.ts'
import {
  type Dialog,
  dialogRequest,
  nextInDialog,
  receiveInDialog,
  refreshTarget,
  uacDialog,
  uasDialog,
} from '#voice/sip/dialog.ts'
import { parseMessage } from '#voice/sip/parse-message.ts'
import { type RequestHead, readRequestHead } from '#voice/sip/request-head.ts'

function headOf(text: string): { readonly head: RequestHead; readonly dialog: Dialog | null } {
  const message = parseMessage(text)
  assert.ok(message.kind === 'request')
  const head = readRequestHead(message)
  assert.ok(head.kind === 'head')
  return { head, dialog: uasDialog(message, head, 'ours') }
}

function dialogOf(...more: string[]): Dialog {
  const { dialog } = headOf(request('INVITE', { more }))
  assert.ok(dialog)
  return dialog
}

/** Request-URI, Route headers, where it is sent. */
function sent(dialog: Dialog): readonly [string, readonly string[], string | undefined] {
  const { request_uri, fields, next_hop } = dialogRequest(dialog, 'BYE', 1)
  return [request_uri, fields.filter(([name]) => name === 'route').map(([, route]) => route), next_hop?.host]
}

test('without a route: to the Contact', () => {
  assert.deepEqual(sent(dialogOf()), ['sip:caller@127.0.0.1:5999', [], '127.0.0.1'])
})

test('loose routes: to the first of them, in the order of Record-Route', () => {
  const dialog = dialogOf('Record-Route: <sip:p1;lr>, "x" <sip:p2;lr=on>;y=z', 'Record-Route: <sip:p3;lr>')
  assert.deepEqual(sent(dialog), ['sip:caller@127.0.0.1:5999', ['<sip:p1;lr>', '<sip:p2;lr=on>', '<sip:p3;lr>'], 'p1'])
})

test('a strict router becomes the Request-URI, the target goes last', () => {
  const dialog = dialogOf('Record-Route: <sip:strict>, <sip:p2;lr>')
  assert.deepEqual(sent(dialog), ['sip:strict', ['<sip:p2;lr>', '<sip:caller@127.0.0.1:5999>'], 'strict'])
})

test('From and To change places at the called end, with the tags', () => {
  const { fields } = dialogRequest(nextInDialog(dialogOf()), 'BYE', 7)
  assert.deepEqual(
    fields.filter(([name]) => name !== 'max-forwards'),
    [
      ['from', '<sip:+15551234567@127.0.0.1>;tag=ours'],
      ['to', '<sip:caller@127.0.0.1>;tag=caller-tag'],
      ['call-id', 'call-1'],
      ['cseq', '7 BYE'],
    ],
  )
})

test('the calling end turns the routes round; without a Contact there is no dialog', () => {
  const invite = { call_id: 'c', from: '<sip:me>;tag=m', from_tag: 'm', cseq: 1 }
  const response = (text: string) => {
    const message = parseMessage(`SIP/2.0 200 OK\r\nTo: <sip:you>;tag=y\r\n${text}\r\n`)
    assert.ok(message.kind === 'response')
    return uacDialog(invite, message, 'y')
  }
  const dialog = response('Contact: <sip:you@h>\r\nRecord-Route: <sip:p1;lr>,<sip:p2;lr>\r\n')
  assert.ok(dialog)
  assert.deepEqual(sent(dialog), ['sip:you@h', ['<sip:p2;lr>', '<sip:p1;lr>'], 'p2'])
  assert.equal(response(''), null)
  assert.equal(response('Contact: <mailto:you@h>\r\n'), null)
})

test('only a higher CSeq is new, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 20 }), numbers => {
      let dialog = dialogOf()
      let highest = 1
      for (const cseq of numbers) {
        const next = receiveInDialog(dialog, headOf(request('INFO', { cseq })).head)
        assert.equal(next !== null, cseq > highest)
        highest = Math.max(highest, cseq)
        dialog = next ?? dialog
      }
    }),
  )
})

test('a re-INVITE moves the target, no Contact leaves it', () => {
  const moved = refreshTarget(dialogOf(), headOf(request('INVITE', { port: 7000 })).head)
  assert.equal(moved.remote_target, 'sip:caller@127.0.0.1:7000')
  assert.equal(refreshTarget(moved, { ...headOf(request('INVITE')).head, contact: null }), moved)
})
