// provider.mjs PORT LOG: a model provider on loopback that real agents can work with: Anthropic Messages, OpenAI Responses (HTTP and
// WebSocket) and Chat Completions, streamed or not. What it answers stands in the prompt itself: a line that has SCRIPT and a JSON array,
//   SCRIPT [{"tool":"Bash","input":{"command":"echo hi"}}, [{"think":"hm"},{"say":"two blocks"}], {"say":"done"}]
// Each element is one answer (an array: several blocks in one answer): say, think, tool + input, fail (an HTTP status, once), cut (ends the
// stream in the middle, once), wait (ms before the answer). After the script: "done N". Usage follows the documented cache rules (tools,
// system, messages up to each cache_control mark; five minutes; tokens = characters / 4).
// LOG gets a line of JSON for each call (with the SHA-256 of the body as received) and LOG.N.body, LOG.N.answer the bytes of both ways.
import http from 'node:http'; import fs from 'node:fs'; import zlib from 'node:zlib'; import crypto from 'node:crypto'
const port = +process.argv[2], log = process.argv[3]; let calls = 0
const sha = b => crypto.createHash('sha256').update(b).digest('hex'), sleep = ms => new Promise(r => setTimeout(r, ms))
const note = o => fs.appendFileSync(log, JSON.stringify(o) + '\n')
const texts = c => typeof c === 'string' ? [c] : (c ?? []).map(b => b.text ?? '').filter(Boolean)

// the script that counts is the last one said by the user; steps already answered are the answers that follow it
const spent = new Map()
function nextStep(turns) { // turns: [{user: [text], } | {answer: blocks}] in order
  let script, at = -1
  turns.forEach((t, i) => { for (const x of t.user ?? []) { const m = x.match(/SCRIPT (\[.*\])/); for (const text of m ? [m[1], m[1].replaceAll('\\"', '"')] : []) try { script = JSON.parse(text); at = i; break } catch {} } })
  const n = turns.slice(at + 1).filter(t => t.answer).length
  if (!script) return { blocks: [{ say: `done ${n}` }] }
  const key = JSON.stringify(script) + at
  let i = 0, passed = 0
  for (; i < script.length; i++) { const s = script[i]; if (s.fail || s.cut) { const k = key + i; if (passed === n && !spent.has(k)) { spent.set(k, 1); return s.fail ? { fail: s.fail } : { cut: true, blocks: [{ say: 'this answer is cut in its mid' }] } } continue } if (passed === n) break; passed++ }
  const s = script[i] ?? { say: `done ${n}` }
  return { wait: s.wait, blocks: Array.isArray(s) ? s : [s] }
}
// prompt caching as documented for the Messages API
const cached = new Map(), bare = o => Array.isArray(o) ? o.map(bare) : o && typeof o === 'object' ? Object.fromEntries(Object.entries(o).filter(([k]) => k !== 'cache_control').map(([k, v]) => [k, bare(v)])) : o
function usage(j) {
  const blocks = [], put = (o, x) => blocks.push({ t: JSON.stringify(bare(x)), mark: !!o?.cache_control })
  for (const t of j.tools ?? []) put(t, t)
  for (const b of typeof j.system === 'string' ? [{ type: 'text', text: j.system }] : j.system ?? []) put(b, b)
  for (const m of j.messages ?? []) for (const b of typeof m.content === 'string' ? [{ type: 'text', text: m.content }] : m.content ?? []) if (b.type !== 'thinking') put(b, { role: m.role, b })
  let k = sha(j.model ?? ''), n = 0, read = 0
  const sums = blocks.map(b => { k = sha(k + b.t); n += Math.ceil(b.t.length / 4); return { k, n, mark: b.mark } })
  sums.forEach((c, i) => { if (c.mark) for (let q = i; q >= 0 && q > i - 20; q--) if (Date.now() - (cached.get(sums[q].k) ?? 0) < 300000) { read = Math.max(read, sums[q].n); break } })
  const last = sums.findLast(c => c.mark); for (const c of sums) if (c.mark) cached.set(c.k, Date.now())
  return { input_tokens: n - Math.max(last?.n ?? 0, read), cache_read_input_tokens: read, cache_creation_input_tokens: last ? Math.max(0, last.n - read) : 0, output_tokens: 1 }
}
const pieces = s => s.match(/.{1,9}/gsu) ?? ['']

async function messages(j, s, n, out) {
  const turns = (j.messages ?? []).map(m => m.role === 'assistant' ? { answer: m.content } : { user: texts(m.content) })
  const step = nextStep(turns), u = usage(j), id = `msg_${n}`
  if (step.fail) { const e = JSON.stringify({ type: 'error', error: { type: step.fail === 529 ? 'overloaded_error' : 'api_error', message: 'as scripted' } }); s.writeHead(step.fail, { 'content-type': 'application/json', 'request-id': `req_${n}`, 'retry-after': '0' }); return s.end(out(e)) }
  if (step.wait) await sleep(step.wait)
  const content = step.blocks.map((b, i) => b.tool ? { type: 'tool_use', id: `toolu_${n}_${i}`, name: b.tool, input: b.input ?? {} } : b.think ? { type: 'thinking', thinking: b.think, signature: sha(b.think).slice(0, 24) } : { type: 'text', text: b.say })
  const stop = content.some(b => b.type === 'tool_use') ? 'tool_use' : 'end_turn', total = Math.ceil(JSON.stringify(content).length / 4)
  if (!j.stream) { s.writeHead(200, { 'content-type': 'application/json', 'request-id': `req_${n}` }); return s.end(out(JSON.stringify({ id, type: 'message', role: 'assistant', model: j.model, content, stop_reason: stop, stop_sequence: null, usage: { ...u, output_tokens: total } }))) }
  s.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_${n}` })
  const e = (t, d) => s.write(out(`event: ${t}\ndata: ${JSON.stringify({ type: t, ...d })}\n\n`))
  e('message_start', { message: { id, type: 'message', role: 'assistant', model: j.model, content: [], stop_reason: null, stop_sequence: null, usage: u } }); e('ping', {})
  for (const [index, b] of content.entries()) {
    const d = delta => e('content_block_delta', { index, delta })
    e('content_block_start', { index, content_block: b.type === 'tool_use' ? { ...b, input: {} } : b.type === 'thinking' ? { type: 'thinking', thinking: '', signature: '' } : { type: 'text', text: '' } })
    if (b.type === 'tool_use') { d({ type: 'input_json_delta', partial_json: '' }); for (const p of pieces(JSON.stringify(b.input))) d({ type: 'input_json_delta', partial_json: p }) }
    else if (b.type === 'thinking') { for (const p of pieces(b.thinking)) d({ type: 'thinking_delta', thinking: p }); d({ type: 'signature_delta', signature: b.signature }) }
    else for (const p of pieces(b.text)) { d({ type: 'text_delta', text: p }); await sleep(1) }
    if (step.cut) return s.destroy()
    e('content_block_stop', { index })
  }
  e('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: total } }); e('message_stop', {}); s.end()
}
function turnsOf(input) { // items of one answer follow each other
  const turns = []; let open = null
  for (const i of typeof input === 'string' ? [{ role: 'user', content: input }] : input ?? []) {
    const mine = i.role === 'assistant' || /_call$|^reasoning$/.test(i.type ?? '')
    if (mine) { if (!open) turns.push(open = { answer: [] }); open.answer.push(i) } else { open = null; if (i.role === 'user') turns.push({ user: texts(i.content) }) }
  }
  return turns
}
async function* responseEvents(j, n, step) {
  // Asked for a shorter history, it answers with what stands for the long one.
  if (Array.isArray(j.input) && j.input.at(-1)?.type === 'compaction_trigger') step = { blocks: [{ compaction: true }] }
  const id = `resp_${n}`; let q = 0; const ev = (type, d) => ({ type, sequence_number: q++, ...d })
  const items = step.blocks.map((b, i) => b.compaction ? { id: `cmp_${n}_${i}`, type: 'compaction', encrypted_content: sha(`compaction ${n}`) } : b.tool ? { id: `fc_${n}_${i}`, type: 'function_call', status: 'completed', name: b.tool, ...(b.namespace ? { namespace: b.namespace } : {}), arguments: JSON.stringify(b.input ?? {}), call_id: `call_${n}_${i}` } : b.think ? { id: `rs_${n}_${i}`, type: 'reasoning', summary: [{ type: 'summary_text', text: b.think }], encrypted_content: sha(b.think) } : { id: `msg_${n}_${i}`, type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: b.say, annotations: [] }] })
  const chars = JSON.stringify(j.input ?? '').length + JSON.stringify(j.tools ?? '').length + (j.instructions ?? '').length, out = Math.ceil(JSON.stringify(items).length / 4)
  yield ev('response.created', { response: { id, object: 'response', created_at: Math.floor(Date.now() / 1000), status: 'in_progress', model: j.model, output: [] } })
  for (const [output_index, item] of items.entries()) {
    const item_id = item.id
    yield ev('response.output_item.added', { output_index, item: { ...item, ...(item.type === 'message' ? { status: 'in_progress', content: [] } : item.type === 'function_call' ? { status: 'in_progress', arguments: '' } : { summary: [] }) } })
    if (item.type === 'message') for (const p of pieces(item.content[0].text)) yield ev('response.output_text.delta', { item_id, output_index, content_index: 0, delta: p })
    if (item.type === 'function_call') { for (const p of pieces(item.arguments)) yield ev('response.function_call_arguments.delta', { item_id, output_index, delta: p }); yield ev('response.function_call_arguments.done', { item_id, output_index, arguments: item.arguments }) }
    if (item.type === 'reasoning') for (const p of pieces(item.summary[0].text)) yield ev('response.reasoning_summary_text.delta', { item_id, output_index, summary_index: 0, delta: p })
    if (step.cut) return
    yield ev('response.output_item.done', { output_index, item })
  }
  yield ev('response.completed', { response: { id, object: 'response', created_at: Math.floor(Date.now() / 1000), status: 'completed', model: j.model, output: items, usage: { input_tokens: Math.ceil(chars / 4), input_tokens_details: { cached_tokens: Math.ceil(chars / 8) }, output_tokens: out, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: Math.ceil(chars / 4) + out } } })
}
async function responses(j, s, n, out) {
  const step = nextStep(turnsOf(j.input))
  if (step.fail) { s.writeHead(step.fail, { 'content-type': 'application/json', 'x-request-id': `req_${n}` }); return s.end(out(JSON.stringify({ error: { type: 'server_error', message: 'as scripted', code: null } }))) }
  if (step.wait) await sleep(step.wait)
  if (!j.stream) { let last; for await (const e of responseEvents(j, n, step)) last = e; s.writeHead(200, { 'content-type': 'application/json' }); return s.end(out(JSON.stringify(last.response))) }
  s.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': `req_${n}` })
  for await (const e of responseEvents(j, n, step)) { s.write(out(`event: ${e.type}\ndata: ${JSON.stringify(e)}\n\n`)); await sleep(1) }
  if (step.cut) return s.destroy(); s.end()
}
async function chat(j, s, n, out) {
  const turns = (j.messages ?? []).map(m => m.role === 'assistant' ? { answer: [m] } : m.role === 'user' ? { user: texts(m.content) } : {})
  const step = nextStep(turns), id = `chatcmpl-${n}`, say = step.blocks?.filter(b => b.say).map(b => b.say).join('') ?? '', calls = (step.blocks ?? []).filter(b => b.tool).map((b, index) => ({ index, id: `call_${n}_${index}`, type: 'function', function: { name: b.tool, arguments: JSON.stringify(b.input ?? {}) } }))
  if (step.fail) { s.writeHead(step.fail, { 'content-type': 'application/json' }); return s.end(out('{"error":{"type":"server_error","message":"as scripted"}}')) }
  const use = { prompt_tokens: Math.ceil(JSON.stringify(j.messages).length / 4), completion_tokens: Math.ceil(say.length / 4) + 9, total_tokens: 0, prompt_tokens_details: { cached_tokens: 16 } }; use.total_tokens = use.prompt_tokens + use.completion_tokens
  const why = calls.length ? 'tool_calls' : 'stop'
  if (!j.stream) { s.writeHead(200, { 'content-type': 'application/json' }); return s.end(out(JSON.stringify({ id, object: 'chat.completion', model: j.model, choices: [{ index: 0, finish_reason: why, message: { role: 'assistant', content: say || null, ...(calls.length ? { tool_calls: calls.map(({ index, ...c }) => c) } : {}) } }], usage: use }))) }
  s.writeHead(200, { 'content-type': 'text/event-stream' })
  const e = (delta, finish_reason = null, more = {}) => s.write(out(`data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: Math.floor(Date.now() / 1000), model: j.model, choices: [{ index: 0, delta, finish_reason }], ...more })}\n\n`))
  e({ role: 'assistant', content: '' }); for (const p of say ? pieces(say) : []) e({ content: p })
  for (const c of calls) { e({ tool_calls: [{ ...c, function: { ...c.function, arguments: '' } }] }); for (const p of pieces(c.function.arguments)) e({ tool_calls: [{ index: c.index, function: { arguments: p } }] }) }
  if (step.cut) return s.destroy()
  e({}, why); if (j.stream_options?.include_usage) s.write(out(`data: ${JSON.stringify({ id, object: 'chat.completion.chunk', model: j.model, choices: [], usage: use })}\n\n`)); s.write(out('data: [DONE]\n\n')); s.end()
}
function decode(raw, encoding) { try { return encoding === 'gzip' ? zlib.gunzipSync(raw) : encoding === 'br' ? zlib.brotliDecompressSync(raw) : encoding === 'zstd' && zlib.zstdDecompressSync ? zlib.zstdDecompressSync(raw) : raw } catch { return raw } }
const server = http.createServer((q, s) => {
  // A run that is to be like one before it: what was failed once fails again, and nothing is cached.
  if (q.url === '/forget') { spent.clear(); cached.clear(); return s.end() }
  const c = []; q.on('data', d => c.push(d)); q.on('end', async () => {
    const n = ++calls, raw = Buffer.concat(c), sent = []; let j; try { j = JSON.parse(decode(raw, q.headers['content-encoding'])) } catch {}
    const headers = { ...q.headers }; for (const k of ['authorization', 'x-api-key']) if (headers[k]) headers[k] = `<${headers[k].length} characters>`
    note({ n, method: q.method, url: q.url, bytes: raw.length, sha256: sha(raw), model: j?.model, stream: j?.stream, headers }); fs.writeFileSync(`${log}.${n}.body`, raw)
    s.on('close', () => fs.writeFileSync(`${log}.${n}.answer`, sent.join('')))
    const out = t => { sent.push(t); return t }, u = q.url.split('?')[0]
    if (u.endsWith('/count_tokens')) { s.writeHead(200, { 'content-type': 'application/json' }); return s.end(out('{"input_tokens":1234}')) }
    if (j && u.endsWith('/messages')) return messages(j, s, n, out)
    if (j && u.endsWith('/responses')) return responses(j, s, n, out)
    if (j && u.endsWith('/chat/completions')) return chat(j, s, n, out)
    if (j && u.endsWith('/embeddings')) { s.writeHead(200, { 'content-type': 'application/json' }); return s.end(out(JSON.stringify({ object: 'list', model: j.model, data: [{ object: 'embedding', index: 0, embedding: [0.1, 0.2] }], usage: { prompt_tokens: 3, total_tokens: 3 } }))) }
    if (u.endsWith('/models')) { s.writeHead(200, { 'content-type': 'application/json' }); return s.end(out('{"object":"list","data":[],"models":[]}')) }
    if (q.method === 'HEAD' && u === '/') { s.writeHead(200); return s.end() }
    s.writeHead(404, { 'content-type': 'application/json' }); s.end(out('{"type":"error","error":{"type":"not_found_error","message":"nothing here"}}'))
  })
})
// Responses over WebSocket: each text message {"type":"response.create", ...} is answered by the same events, one a message
server.on('upgrade', (q, sock) => {
  note({ n: calls, method: 'UPGRADE', url: q.url, headers: { ...q.headers, authorization: undefined } })
  sock.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${crypto.createHash('sha1').update(q.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')}\r\n\r\n`)
  let buf = Buffer.alloc(0), parts = []; const known = new Map()
  const send = (op, b) => { const h = b.length < 126 ? Buffer.from([0x80 | op, b.length]) : b.length < 65536 ? Buffer.from([0x80 | op, 126, b.length >> 8, b.length & 255]) : Buffer.concat([Buffer.from([0x80 | op, 127, 0, 0, 0, 0]), (x => { x.writeUInt32BE(b.length); return x })(Buffer.alloc(4))]); sock.write(Buffer.concat([h, b])) }
  sock.on('error', () => {}); sock.on('data', async d => {
    buf = Buffer.concat([buf, d])
    for (;;) {
      if (buf.length < 2) return; let len = buf[1] & 127, at = 2; if (len === 126) { if (buf.length < 4) return; len = buf.readUInt16BE(2); at = 4 } else if (len === 127) { if (buf.length < 10) return; len = Number(buf.readBigUInt64BE(2)); at = 10 }
      if (buf.length < at + 4 + len) return; const mask = buf.subarray(at, at + 4), body = Buffer.from(buf.subarray(at + 4, at + 4 + len)); for (let i = 0; i < len; i++) body[i] ^= mask[i & 3]
      const fin = buf[0] & 0x80, op = buf[0] & 15; buf = buf.subarray(at + 4 + len)
      if (op === 8) { send(8, body); return sock.end() } if (op === 9) { send(10, body); continue } if (op === 10) continue
      parts.push(body); if (!fin) continue; const text = Buffer.concat(parts); parts = []
      const n = ++calls; note({ n, method: 'WS', url: q.url, bytes: text.length, sha256: sha(text) }); fs.writeFileSync(`${log}.${n}.body`, text); let j; try { j = JSON.parse(text) } catch { continue }
      const before = known.get(j.previous_response_id) ?? [], input = [...before, ...(j.input ?? [])], step = nextStep(turnsOf(input)); if (j.generate === false) Object.assign(step, { fail: undefined, cut: undefined, wait: 0, blocks: [] }); if (step.fail) { send(1, Buffer.from(JSON.stringify({ type: 'error', status: step.fail, error: { type: 'server_error', message: 'as scripted' } }))); continue }
      if (step.wait) await sleep(step.wait); const sent = []; for await (const e of responseEvents({ ...j, input }, n, step)) { if (e.response?.output) known.set(e.response.id, [...input, ...e.response.output]); sent.push(JSON.stringify(e)); send(1, Buffer.from(sent.at(-1))) }
      fs.writeFileSync(`${log}.${n}.answer`, sent.join('\n')); if (step.cut) return sock.destroy()
    }
  })
})
server.listen(port, '127.0.0.1')
