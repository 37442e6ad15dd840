import { readFileSync, statSync } from 'node:fs'
import { openDatabase } from '#store/database.ts'
import { followRouting } from '#app/follow-routing.ts'
import { readSnapshot, writeSnapshot } from '#app/edge-snapshot.ts'
import { tableToTexts } from '#app/snapshot-frames.ts'
import { createSecretBox } from '#store/secret-box.ts'
import { emptyRoutingTable } from '#core/routing-table.ts'
import { monitorEventLoopDelay } from 'node:perf_hooks'
const secrets = createSecretBox(Buffer.alloc(32))
const place = { file: '/tmp/zz-snapshot', secrets, log: console as any }
if (process.argv[2] === 'read') {
  const t = performance.now()
  const r = await readSnapshot(place, Date.now())
  console.log('read', Math.round(performance.now()-t), r?.table.numbers.size, 'cpu', process.cpuUsage().user/1000, process.memoryUsage().rss/1e6, process.resourceUsage().maxRSS/1e3)
} else {
const db = openDatabase(JSON.parse(readFileSync('/tmp/edge-db.json','utf8')), { max_connections: 3 })
const table = emptyRoutingTable()
const f = followRouting({ db, table, log: console as any, secrets, clock: { now_ms: Date.now }, webhook_timeout_ms: 2000 })
let t = performance.now()
await f.load()
console.log('load', Math.round(performance.now()-t), table.numbers.size, table.agents.size, table.assignments.size, 'cpu', process.cpuUsage().user/1000, process.memoryUsage().rss/1e6, process.resourceUsage().maxRSS/1e3)
const h = monitorEventLoopDelay({ resolution: 1 }); h.enable()
t = performance.now()
const texts = await f.between(hz => tableToTexts(table, hz!))
console.log('copy', performance.now()-t)
await writeSnapshot(place, texts, 'me')
console.log('write', performance.now()-t, statSync(place.file).size/1e6, 'max delay', h.max/1e6, 'p99', h.percentile(99)/1e6)
await db.destroy()
}
