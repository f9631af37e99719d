#!/usr/bin/env node
// truth.mjs TRANSCRIPT_DIR HYP [SESSION_ID ...] [--json]
//
// Compares what an agent wrote down itself with the rows that HypAware has of it. TRANSCRIPT_DIR is searched for
// Claude Code's transcripts (projects/**/*.jsonl, sub-agents included) and Codex's (rollout-*.jsonl); HYP is the launcher of a
// checkout, and HYP_HOME its home. Without SESSION_ID, all sessions found are compared.
//
// Both sides become things with a key: a tool call and its result by the call's id, anything else by role, type and
// text. Keys are counted by session and speaker (the main agent, or a sub-agent by its id), so that what was said twice counts
// twice, and a row that stands with another speaker counts as missing here and extra there.
import { execFile } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const MAIN = 'main'
const MOST_OUTPUT = 1 << 30
const MEDIA_MARKER = /^data:[\w.+-]+\/[\w.+-]+;base64,<stripped>$/gm

// ---- the transcript's side

/** What stands in the transcripts below a folder: [{session, speaker, key, said, content}], local lines, notes. */
export function readTranscripts(folder) {
  const found = { blocks: [], local: [], notes: [], sessions: new Set(), sidechains: 0, uuids: new Set() }
  // What a fork copies is of the session that was begun first.
  for (const file of filesBelow(folder).filter(f => f.endsWith('.jsonl')).map(f => [firstTime(f), f]).sort().map(([, f]) => f)) {
    if (path.basename(file).startsWith('rollout-')) readRollout(file, found)
    else if (file.split(path.sep).includes('projects')) readClaude(file, found)
  }
  return found
}

function readClaude(file, found) {
  const parts = file.split(path.sep)
  const subagents = parts.lastIndexOf('subagents')
  const session = subagents > 0 ? parts[subagents - 1] : path.basename(file, '.jsonl')
  if (subagents < 0 && !/^[0-9a-f-]{36}$/.test(session)) return
  found.sessions.add(session)
  found.sidechains += subagents > 0
  for (const line of jsonLines(file)) {
    // A line may be written again, as when a session is taken up or forked.
    if (line.uuid && found.uuids.size === found.uuids.add(line.uuid).size) continue
    const speaker = line.agentId ?? MAIN
    if (line.type === 'attachment') found.notes.push({ session, speaker, type: line.attachment?.type, text: JSON.stringify(line.attachment) })
    if (!['user', 'assistant'].includes(line.type) || !line.message) continue
    for (const block of asBlocks(line.message.content)) {
      const one = { session, speaker, ...claudeKey(line.message.role, block), summary: !!line.isCompactSummary }
      // What the agent says to its user and not to the model: errors of its own, and output of its commands.
      const local = line.isApiErrorMessage || line.message.model === '<synthetic>' || isLocal(block.text)
      ;(local ? found.local : found.blocks).push({ ...one, local: !!local })
    }
  }
}

const firstTime = file => jsonLines(file).find(l => l.timestamp)?.timestamp ?? ''

const isLocal = text => /^<(command-name|command-message|local-command-\w+)>/.test((text ?? '').trim())

function claudeKey(role, block) {
  switch (block.type) {
    case 'tool_use': return { type: 'tool_call', key: `call ${block.id}`, content: canonical(block.input ?? {}) }
    case 'tool_result': return { type: 'tool_result', key: `result ${block.tool_use_id}`, content: plain(textOf(block.content)) }
    case 'thinking': return textKey(role, 'thinking', block.thinking)
    case 'text': return textKey(role, 'text', block.text)
    default: return { type: block.type, key: `${role} ${block.type}`, content: '' }
  }
}

function readRollout(file, found) {
  let session, speaker
  // What a compaction puts in place of the history ("compacted") is no new utterance.
  for (const { type, payload } of jsonLines(file)) {
    if (type === 'session_meta' && !session) {
      // A sub-agent is a thread with a rollout of its own; all of them belong to the session of the first.
      session = payload.session_id ?? payload.id
      speaker = payload.id === session ? MAIN : payload.id
      found.sessions.add(session)
      found.sidechains += speaker !== MAIN
    }
    if (type === 'response_item') for (const one of codexKeys(payload)) found.blocks.push({ session, speaker, ...one })
  }
}

function codexKeys(item) {
  const other = (role, type) => ({ type, key: `${role} ${type}`, content: '' })
  switch (true) {
    case item.type === 'message' || !item.type: return asBlocks(item.content).map(part => part.text === undefined ? other(item.role, part.type) : textKey(item.role, 'text', part.text))
    case item.type === 'reasoning': return (item.summary ?? []).map(part => textKey('assistant', 'thinking', part.text))
    case /_call_output$/.test(item.type): return [{ type: 'tool_result', key: `result ${item.call_id}`, content: plain(textOf(item.output)) }]
    case /_call$/.test(item.type): return [{ type: 'tool_call', key: `call ${item.call_id ?? item.id}`, content: canonical(jsonOr(item.arguments ?? item.input ?? item.action ?? {})) }]
    default: return [other(item.role ?? 'assistant', item.type)]
  }
}

// ---- the rows' side

/** The rows of sessions, each with its exchange, whose headers say who spoke, whether the rows say so or not. */
export async function readRows(hyp, sessions, environment = process.env) {
  // Only these sessions' calls: bodies are large, and the home of many runs holds many. Codex's calls have no session of their own yet.
  const list = [...sessions].map(id => `'${id.replaceAll("'", "''")}'`)
  if (!list.length) return { exchanges: [], said: new Map(), rows: [] }
  const where = `(session_id in (${list}) or (session_id is null and (${[...sessions].map(id => `request_headers::varchar like '%${id.replaceAll("'", "''")}%'`).join(' or ')})))`
  const exchanges = new Map((await query(hyp, environment, `select exchange_id, session_id, outcome, closed_by, status, path, method, error,
      request_headers::varchar as headers, request_body from exchanges where ${where} order by started_at`)).map(e => [e.exchange_id, e]))
  const rows = await query(hyp, environment, `select session_id, conversation_id, message_id, part_id, message_index, part_index, exchange_id, role, part_type,
      content_text, tool_call_id, tool_result_for, tool_args::varchar as tool_args, attributes::varchar as attributes, is_sidechain, is_compact_summary,
      provider_uuid, status::varchar as status from ai_gateway_messages where exchange_id in (select exchange_id from exchanges where ${where}) order by message_created_at, part_index`)
  const sideCalls = new Set(rows.filter(r => jsonOr(r.attributes)?.side_call).map(r => r.exchange_id))
  const ours = [...exchanges.values()].filter(e => sessions.has(whoSpeaks(e).session))
  return {
    exchanges: ours,
    said: timesSaid(ours),
    rows: rows.map(r => ({ ...r, session: r.session_id, speaker: MAIN, ...whoSpeaks(exchanges.get(r.exchange_id)), outcome: exchanges.get(r.exchange_id)?.outcome, sideCall: sideCalls.has(r.exchange_id), ...rowKey(r) }))
      .filter(r => sessions.has(r.session)),
  }
}

/** All rows of sessions, whichever way they came, and whoever speaks. */
export async function readAllRows(hyp, sessions, environment = process.env) {
  const list = [...sessions].map(id => `'${id.replaceAll("'", "''")}'`)
  if (!list.length) return { exchanges: [], said: new Map(), rows: [] }
  const exchanges = await query(hyp, environment, `select exchange_id, session_id, outcome, closed_by, upstream, error, request_headers::varchar as headers, request_body from exchanges where session_id in (${list}) order by started_at`)
  const outcomes = new Map(exchanges.map(e => [e.exchange_id, e.outcome]))
  const rows = await query(hyp, environment, `select session_id, conversation_id, message_id, part_id, exchange_id, role, part_type, content_text, tool_call_id, tool_result_for,
      tool_args::varchar as tool_args, attributes::varchar as attributes, aux_kind, is_sidechain, provider_uuid from ai_gateway_messages where session_id in (${list}) order by message_created_at, part_index`)
  const ours = exchanges.map(e => ({ ...e, closed_by: e.upstream === 'telemetry' ? 'telemetry' : e.closed_by, headers: JSON.stringify([['x-claude-code-session-id', e.session_id]]) }))
  return {
    exchanges: ours,
    said: timesSaid(ours),
    rows: rows.filter(r => !['note', 'local'].includes(r.aux_kind)).map(r => ({ ...r, session: r.session_id, speaker: MAIN, outcome: outcomes.get(r.exchange_id) ?? 'completed', sideCall: !!jsonOr(r.attributes)?.side_call, ...rowKey(r) })),
  }
}

/** The same where nobody tells who of a session speaks. */
export const withoutSpeakers = transcript => ({ ...transcript, blocks: transcript.blocks.map(b => ({ ...b, speaker: MAIN })), local: transcript.local.map(b => ({ ...b, speaker: MAIN })) })

function rowKey(row) {
  switch (row.part_type) {
    case 'tool_call': return { type: 'tool_call', key: `call ${row.tool_call_id}`, content: canonical(jsonOr(row.tool_args) ?? {}) }
    case 'tool_result': return { type: 'tool_result', key: `result ${row.tool_result_for}`, content: withoutMedia(row.content_text) }
    case 'text': case 'thinking': return textKey(row.role, row.part_type, row.content_text)
    default: return { type: row.part_type, key: `${row.role} ${row.part_type}`, content: '' }
  }
}

/** How often each thing was said, as the requests of a speaker show it: it counts anew where one holds more of it than the one before. */
function timesSaid(exchanges) {
  const said = new Map(), before = new Map()
  for (const exchange of exchanges) {
    const body = jsonOr(exchange.request_body) ?? {}, who = whoSpeaks(exchange), here = new Map()
    const things = [...asList(body.messages).flatMap(m => asBlocks(m.content).map(block => claudeKey(m.role ?? 'user', block))), ...asList(body.input).flatMap(codexKeys)]
    if (!things.length) continue
    for (const one of things) { const id = identity({ ...who, ...one }); here.set(id, (here.get(id) ?? 0) + 1) }
    const speaker = `${who.session}|${who.speaker}`, last = before.get(speaker)
    for (const [id, count] of here) said.set(id, (said.get(id) ?? 0) + Math.max(0, count - (last?.get(id) ?? 0)))
    before.set(speaker, here)
  }
  return said
}

/** Session and speaker by the call's own headers. */
function whoSpeaks(exchange) {
  const headers = headersOf(exchange), session = headers['x-claude-code-session-id'] ?? headers['session-id'] ?? exchange?.session_id
  const thread = headers['x-claude-code-agent-id'] ?? headers['thread-id']
  return { session, speaker: !thread || thread === session ? MAIN : thread }
}

function headersOf(exchange) {
  const headers = jsonOr(exchange?.headers) ?? {}
  const pairs = Array.isArray(headers) ? headers.map(h => Array.isArray(h) ? h : [h.name, h.value]) : Object.entries(headers)
  return Object.fromEntries(pairs.map(([name, value]) => [String(name).toLowerCase(), [value].flat()[0]]))
}

function query(hyp, environment, sql) {
  return new Promise((resolve, reject) => execFile(hyp, ['query', 'sql', sql, '--format', 'json'], { env: environment, maxBuffer: MOST_OUTPUT },
    (error, out, err) => { if (error) reject(new Error(`${hyp} query: ${err || error.message}`)); else try { resolve(JSON.parse(out || '[]')) } catch (e) { reject(e) } }))
}

// ---- the comparison

const EXTRA_KINDS = ['reminders', 'system notes', 'side calls', 'compaction', 'failed answers', 'local', 'unexplained']

/** Compares; all lists hold the things themselves, so that a caller can print or test them. */
export function compare(transcript, { rows, exchanges, said: times }) {
  // What a side call says is in no transcript, though it may say the same words.
  const beside = rows.filter(r => r.sideCall), written = grouped(rows.filter(r => !r.sideCall)), said = grouped(transcript.blocks), known = { local: grouped(transcript.local), summaries: transcript.blocks.filter(b => b.summary).map(b => b.content) }
  const report = { blocks: transcript.blocks.length, rows: rows.length, missing: [], doubled: [], altered: [], extra: Object.fromEntries(EXTRA_KINDS.map(k => [k, []])), extraDoubled: [] }
  for (const [id, blocks] of said) {
    const mine = written.get(id) ?? []
    report.missing.push(...blocks.slice(mine.length))
    report.doubled.push(...mine.slice(blocks.length))
    for (let i = 0; i < Math.min(blocks.length, mine.length); i++) if (!sameContent(blocks[i], mine[i])) report.altered.push({ ...mine[i], should: blocks[i].content })
  }
  for (const [id, mine] of written) if (!said.has(id)) {
    for (const row of mine) report.extra[kindOf(row, known)].push(row)
    // A failed answer repeats no other one. After a compaction the history is told anew.
    const compactions = transcript.blocks.filter(b => b.summary && b.session === mine[0].session && b.speaker === mine[0].speaker).length
    const due = Math.max(1, times.get(id) ?? 0, known.local.get(id)?.length ?? 0) + compactions
    if (kindOf(mine[0], known) !== 'failed answers') report.extraDoubled.push(...mine.slice(due))
  }
  report.extra['side calls'].push(...beside)
  // A note that stood in a user's message as a reminder may come back as a message of its own.
  const reminders = new Set(report.extra.reminders.map(r => `${r.session}|${r.speaker}|${unwrapped(r.content)}`))
  report.reshaped = report.extra['system notes'].filter(r => reminders.has(`${r.session}|${r.speaker}|${unwrapped(r.content)}`))
  const byConversation = new Map(), bySpeaker = new Map()
  for (const row of rows.filter(r => !r.sideCall)) {
    put(byConversation, row.conversation_id, `${row.session} ${row.speaker}`)
    put(bySpeaker, `${row.session} ${row.speaker}`, row.conversation_id)
  }
  report.conversations = byConversation.size
  report.speakers = bySpeaker.size
  report.mixed = [...byConversation].filter(([, who]) => who.size > 1).map(([id, who]) => ({ id, who: [...who] }))
  report.split = [...bySpeaker].filter(([, ids]) => ids.size > 1).map(([who, ids]) => ({ who, ids: [...ids] }))
  report.sidechains = { transcript: transcript.sidechains, rows: new Set(rows.filter(r => r.is_sidechain).map(r => r.conversation_id)).size }
  report.outcomes = tally(exchanges.map(e => `${e.outcome}/${e.closed_by ?? '-'}`))
  report.local = transcript.local.length
  return report
}

/** A transcript may name a tool's arguments twice, under further names; what was sent is a part of it then. */
function sameContent(block, row) {
  if (block.content === row.content) return true
  const [more, less] = [block, row].map(one => block.type === 'tool_call' ? jsonOr(one.content) : undefined)
  return !!less && typeof less === 'object' && typeof more === 'object' && Object.entries(less).every(([k, v]) => canonical(more[k]) === canonical(v))
}

function kindOf(row, { local, summaries }) {
  if (local.has(identity(row))) return 'local'
  // The transcript keeps a summary inside of the message that stands for the older ones.
  if (row.role === 'assistant' && row.type === 'text' && row.content && summaries.some(s => s.includes(row.content))) return 'compaction'
  if (row.part_type === 'error' || row.part_type === 'empty' || (row.role === 'assistant' && row.outcome !== 'completed')) return 'failed answers'
  const text = (row.content_text ?? '').trim()
  if (/^<system-reminder>|^<environment_context>/.test(text)) return 'reminders'
  if (row.role === 'system' || row.role === 'developer') return 'system notes'
  if (/^(CRITICAL: Respond with TEXT ONLY|Your task is to create a detailed summary|You are performing a CONTEXT CHECKPOINT)/.test(text)) return 'compaction'
  return 'unexplained'
}

const unwrapped = text => text.replace(/^<system-reminder>|<\/system-reminder>$/g, '').trim()

const identity = one => `${one.session}|${one.speaker}|${one.key}`

function grouped(things) {
  const groups = new Map()
  for (const one of things) { const id = identity(one); if (!groups.has(id)) groups.set(id, []); groups.get(id).push(one) }
  return groups
}

function put(map, key, value) { if (!map.has(key)) map.set(key, new Set()); map.get(key).add(value) }

const tally = names => names.reduce((counts, n) => ({ ...counts, [n]: (counts[n] ?? 0) + 1 }), {})

// ---- printing

/** One report in words; `verbose` lists each thing. */
export function describe(report, verbose = true) {
  const extras = EXTRA_KINDS.filter(k => report.extra[k].length).map(k => `${k} ${report.extra[k].length}`).join(', ') || 'none'
  const lines = [`blocks ${report.blocks}, rows ${report.rows}, without a row ${report.missing.length}, more than one row ${report.doubled.length}, altered ${report.altered.length}`,
    `rows not in the transcript: ${extras}; of those more than once: ${report.extraDoubled.length}, in two shapes: ${report.reshaped.length}`,
    `speakers ${report.speakers}, conversations ${report.conversations}, of several speakers ${report.mixed.length}, speakers with several ${report.split.length}; sidechains ${report.sidechains.rows} of ${report.sidechains.transcript}; calls ${JSON.stringify(report.outcomes)}; local lines ${report.local}`]
  if (verbose) {
    const list = (title, things) => things.forEach(one => lines.push(`  ${title}: [${one.speaker}] ${one.type} ${short(one.type.startsWith('tool') ? one.key : (one.content || one.key))}${one.part_id ? ` (${one.part_id} index ${one.message_index} in ${one.exchange_id})` : ''}`))
    list('no row', report.missing); list('more than one', report.doubled); list('altered', report.altered); list('extra more than once', report.extraDoubled); list('in two shapes', report.reshaped)
    for (const kind of EXTRA_KINDS) list(kind, report.extra[kind])
    report.mixed.forEach(m => lines.push(`  conversation of several speakers: ${m.id}: ${m.who.join(', ')}`))
    report.split.forEach(s => lines.push(`  speaker with several conversations: ${s.who}: ${s.ids.join(', ')}`))
  }
  return lines.join('\n')
}

// ---- small things

const asBlocks = content => typeof content === 'string' ? [{ type: 'text', text: content }] : content ?? []
const asList = value => Array.isArray(value) ? value : []
const plain = text => (text ?? '').replaceAll('\r\n', '\n').trim()
const short = text => JSON.stringify(text.length > 90 ? `${text.slice(0, 70)}…${text.slice(-15)}` : text)
const textKey = (role, type, text) => ({ type, key: `${role} ${type} ${crypto.createHash('sha256').update(plain(text)).digest('hex').slice(0, 16)}`, content: plain(text) })
const textOf = content => asBlocks(content).map(part => part.text).filter(Boolean).join('\n')
/** A row has a marker where an image was. */
const withoutMedia = text => plain((text ?? '').replace(MEDIA_MARKER, ''))

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`
  if (value && typeof value === 'object') return `{${Object.keys(value).sort().map(k => `${JSON.stringify(k)}:${canonical(value[k])}`)}}`
  return JSON.stringify(value)
}

function jsonOr(text) { if (typeof text !== 'string') return text; try { return JSON.parse(text) } catch { return text } }

function filesBelow(folder) {
  if (!fs.existsSync(folder)) return []
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(e => e.isDirectory() ? filesBelow(path.join(folder, e.name)) : [path.join(folder, e.name)]).sort()
}

/** The lines that are JSON; the last may be torn where an agent was killed. */
const jsonLines = file => fs.readFileSync(file, 'utf8').split('\n').flatMap(l => { try { return l ? [JSON.parse(l)] : [] } catch { return [] } })

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, hyp, ...only] = process.argv.slice(2).filter(a => a !== '--json')
  if (!folder || !hyp) { console.error('usage: truth.mjs TRANSCRIPT_DIR HYP [SESSION_ID ...] [--json]'); process.exit(2) }
  const transcript = readTranscripts(folder)
  const sessions = only.length ? new Set(only) : transcript.sessions
  for (const list of ['blocks', 'local', 'notes']) transcript[list] = transcript[list].filter(one => sessions.has(one.session))
  const report = compare(transcript, await readRows(hyp, sessions))
  console.log(process.argv.includes('--json') ? JSON.stringify(report, null, 1) : describe(report))
  process.exit(report.missing.length || report.doubled.length ? 1 : 0)
}
