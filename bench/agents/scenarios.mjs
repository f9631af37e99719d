#!/usr/bin/env node
// scenarios.mjs HYP [NAME ...] [--out FOLDER] [--verbose] [--direct] [--capture] [--via WAY] [--fault FAULT] [--list]
//
// Lets real agents work against a scripted provider through the gateway of a checkout (HYP is its launcher), and compares the
// agents' transcripts with the rows: one line of a table for each scenario, and 1 as exit code where a block has not exactly one row.
// WAY is how Claude Code is recorded: gateway (default), telemetry, both, or none; all but the first then import its transcripts, and what is
// compared is each block of a session, whoever said it, as only the wire names sub-agents; afterwards the spool has to be empty.
// FAULT is what goes wrong meanwhile (faults.mjs): gateway-killed, worker-killed, restarted, absent, disk-full, spool-full. The agent has then to end and to say
// the same as without the recorder, and the rows, once all is well again and the transcripts are imported, have to be the same.
// With --capture the calls are recorded and nothing is projected, for orders.mjs. Where it is allowed, all of it runs where only loopback is reachable. Everything stays in FOLDER (default: a new one below /tmp):
// wire/log.N.body and .answer (what the provider got and gave), hyp/ (HYP_HOME), homes/<scenario>/, reports/<scenario>.txt.
//
// CLAUDE_BIN, CODEX_BIN: the agents' binaries; else looked for in AGENTS_PREFIX (an npm --prefix, default: npm/ beside this file).
// PROVIDER: another provider.mjs than the one beside this file.
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { FAULTS, smallDisk } from './faults.mjs'
import { compare, describe, readAllRows, readRows, readTranscripts, withoutSpeakers } from './truth.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))
const AGENT_TIMEOUT_MS = 120_000
const START_TIMEOUT_MS = 60_000

// ---- scripts: what the provider answers, in the words of provider.mjs

const bash = command => ({ tool: 'Bash', input: { command, description: 'a step' } })
const read = file_path => ({ tool: 'Read', input: { file_path } })
const agent = (prompt, more = {}) => ({ tool: 'Agent', input: { description: 'a helper', subagent_type: 'general-purpose', prompt, ...more } })
const exec = cmd => ({ tool: 'exec_command', input: { cmd } })
const say = text => ({ say: text })
const think = text => ({ think: text })
const script = (...steps) => `SCRIPT ${JSON.stringify(steps)}`

// ---- scenarios: each gets an agent in a home of its own

const CLAUDE = {
  'parallel-tools': async c => {
    await c.ask(script([say('three at once'), bash('echo one'), bash('sleep 0.3; echo two'), read('README.md')], [think('so'), say('and now'), bash('false')], say('all done')))
  },
  'retried-529': async c => {
    const first = await c.ask(script(bash('echo first'), say('ready')))
    await c.ask(script(bash('echo before'), { fail: 529 }, bash('echo after'), { fail: 529 }, say('over it')), '--resume', first)
  },
  'cut-stream': async c => {
    const first = await c.ask(script(bash('echo first'), { cut: true }, say('whole after all')))
    await c.ask(script({ cut: true }, bash('echo second'), say('done')), '--resume', first)
  },
  'thinking-only': async c => {
    const first = await c.ask(script(bash('echo a'), [think('only a thought')], say('said later')))
    await c.ask(script([think('again'), say('with words')], say('unused')), '--resume', first)
    await c.ask(script([think('and once more alone')]), '--resume', first)
    await c.ask(script(say('the end')), '--resume', first)
  },
  'empty-answer': async c => {
    const first = await c.ask(script(bash('echo a'), [], say('said later')))
    await c.ask(script(say('the end')), '--resume', first)
  },
  'equal-agents': async c => {
    const task = script(bash('echo sub'), [think('hm'), bash('echo more')], say('helper done'))
    const first = await c.ask(script([agent(task), agent(task), agent(task)], say('all three done')))
    await c.ask(script(agent(task), say('a fourth')), '--resume', first)
  },
  'equal-agents-short': async c => {
    await c.ask(script([agent(script(say('same'))), agent(script(say('same')))], say('both done')))
  },
  'equal-agents-in-turn': async c => {
    const task = script(say('same'))
    await c.ask(script(agent(task), agent(task), say('both done')))
  },
  'equal-agents-staggered': async c => {
    const task = script(bash('sleep 3'), say('same'))
    await c.ask(script(agent(task, { run_in_background: true }), bash('sleep 1'), agent(task, { run_in_background: true }), bash('sleep 5'), say('both done')))
  },
  'equal-agents-failing': async c => {
    const task = script({ fail: 529 }, bash('echo sub'), { fail: 529 }, say('same'))
    await c.ask(script([agent(task), agent(task)], say('both done')))
  },
  'nested-agents': async c => {
    const inner = script(bash('echo inner'), say('inner done'))
    await c.ask(script(agent(script([agent(inner), agent(inner)], say('outer done'))), say('all done')))
  },
  'agent-spoken-to-again': async c => {
    const first = await c.ask(script(agent(script(bash('echo sub'), say('helper done'))), say('ready')))
    const id = c.agents(first)[0]
    if (id) await c.ask(script({ tool: 'SendMessage', input: { to: id, summary: 'once more', message: script(bash('echo again'), say('done again')) } }, bash('sleep 3'), say('the end')), '--resume', first)
  },
  'background-agent': async c => {
    await c.ask(script(agent(script(bash('echo sub'), say('helper done')), { run_in_background: true }), bash('sleep 2; echo meanwhile'), say('waiting'), say('noted')))
  },
  'thinking-only-first': async c => {
    const first = await c.ask(script([think('nothing to say')], say('said later')))
    await c.ask('go on', '--resume', first)
  },
  'empty-answer-first': async c => {
    const first = await c.ask(script([], say('said later')))
    await c.ask('go on', '--resume', first)
  },
  rewound: async c => {
    const first = await c.ask(script(bash('echo one'), say('first')))
    await c.ask(script(say('second')), '--resume', first)
    await c.ask(script(say('another second')), '--resume', first, '--resume-session-at', c.answers(first)[1])
  },
  image: async c => {
    fs.writeFileSync(path.join(c.work, 'dot.png'), Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'))
    const first = await c.ask(script([read(path.join(c.work, 'dot.png')), bash('echo one')], say('seen')))
    await c.ask(script(say('still seen')), '--resume', first)
  },
  hooks: async c => {
    const note = (event, text) => ({ [event]: [{ hooks: [{ type: 'command', command: `echo '${JSON.stringify({ hookSpecificOutput: { hookEventName: event, additionalContext: text } })}'` }] }] })
    fs.mkdirSync(path.join(c.home, '.claude'), { recursive: true })
    fs.writeFileSync(path.join(c.home, '.claude/settings.json'), JSON.stringify({ hooks: { ...note('UserPromptSubmit', 'from the prompt hook'), ...note('PostToolUse', 'from the tool hook'), ...note('SessionStart', 'from the start hook') } }))
    fs.writeFileSync(path.join(c.work, 'CLAUDE.md'), 'Be brief.\n')
    const first = await c.ask(script([bash('echo one'), bash('echo two')], bash('echo three'), say('first')))
    await c.ask('look at @README.md', '--resume', first)
    await c.ask('go on', '--resume', first)
  },
  compact: async c => {
    const first = await c.ask(script(bash('echo one'), [bash('echo two'), bash('echo three')], say('ready')))
    await c.ask(`/compact ${script(say('a summary of it'))}`, '--resume', first)
    await c.ask(script(bash('echo four'), say('on we go')), '--resume', first)
    await c.ask(script(say('and on')), '--resume', first)
  },
  'compact-after-text': async c => {
    const first = await c.ask(script(say('first')))
    await c.ask('go on', '--resume', first)
    await c.ask(`/compact ${script(say('a summary of it'))}`, '--resume', first)
    await c.ask('go on', '--resume', first)
  },
  'compact-in-stream': async c => {
    await c.talk([script(bash('echo one'), say('ready')), `/compact ${script(say('summary one'))}`, script(bash('echo two'), say('on we go')), `/compact ${script(say('summary two'))}`, script(say('twice'))])
  },
  resume: async c => {
    const first = await c.ask(script(bash('echo one'), say('first')))
    await c.ask('go on', '--resume', first)
    await c.ask('go on', '--continue')
    await c.ask('go on', '--continue')
  },
  fork: async c => {
    const first = await c.ask(script(bash('echo one'), say('first')))
    await c.ask(script(bash('echo two'), say('branch a')), '--resume', first, '--fork-session')
    await c.ask(script(bash('echo two'), say('branch b')), '--resume', first, '--fork-session')
    await c.ask(script(say('trunk')), '--resume', first)
  },
  'said-while-working': async c => {
    await c.talk([script(bash('sleep 2; echo slow'), bash('echo next'), say('first done')), { after: 1200, text: 'by the way' }, { after: 100, text: 'and this' }, { turn: true, text: script(say('last')) }])
  },
  // The screen: names for the session asked beside it, going back to an earlier prompt, /compact and /clear. Needs tmux.
  interactive: async c => {
    await c.screen([script(bash('echo one'), say('first')), script(say('second')), 'Escape', 'Escape', 'Down', 'Up', 'Enter', 'Enter', 'C-u', script(say('another second')), `/compact ${script(say('a summary'))}`, script(say('after')), '/clear', script(say('cleared'))])
  },
  interrupted: async c => {
    const first = await c.ask(script(bash('echo one'), say('first')))
    await c.ask(script(bash('echo two'), { wait: 5000, say: 'never heard' }), { stopAfter: 2500 }, '--resume', first)
    await c.ask(script(bash('echo three'), say('here again')), '--resume', first)
  },
  long: async c => {
    const turns = []
    for (let i = 0; i < 20; i++) turns.push(script(...(i % 3 === 0 ? [[think(`t${i}`), say(`turn ${i}`), bash(`echo ${i}`), bash(`echo ${i} again`)]] : [bash(`echo ${i}`)]), ...(i % 4 === 1 ? [bash('true')] : []), say(i % 2 ? 'ok' : `done ${i}`)))
    await c.talk(turns.slice(0, 12))
    for (const turn of turns.slice(12)) await c.ask(turn, '--continue')
  },
}

const CODEX = {
  'codex-tools': async c => { await c.ask(script(exec('echo one'), [think('hm'), exec('echo two')], [say('two more'), exec('echo three'), exec('echo four')], say('done'))) },
  'codex-resume': async c => {
    const first = await c.ask(script(exec('echo one'), say('first')))
    await c.ask('go on', 'resume', first)
    await c.ask('go on', 'resume', first)
  },
  'codex-retried': async c => { await c.ask(script(exec('echo one'), { fail: 503 }, exec('echo two'), say('over it'))) },
  // Needs a provider.mjs that takes a tool's namespace.
  'codex-agents': async c => {
    const message = script(exec('echo sub'), say('helper done'))
    const helper = name => c.websockets
      ? { tool: 'spawn_agent', namespace: 'collaboration', input: { task_name: name, message, fork_turns: 'none' } }
      : { tool: 'spawn_agent', namespace: 'multi_agent_v1', input: { message } }
    await c.ask(script([helper('one'), helper('two')], c.websockets ? { tool: 'wait_agent', namespace: 'collaboration', input: {} } : exec('sleep 4'), say('both done')))
  },
  'codex-compact': async c => {
    // Over what a first call takes, under what follows the long output; Codex says more to its own provider.
    const limit = ['-c', `model_auto_compact_token_limit=${c.websockets ? 21000 : 11500}`]
    const first = await c.ask(script(exec('seq 1 2500'), say('first')))
    await c.ask(script(exec('echo two'), say('second')), ...limit, 'resume', first)
    await c.ask(script(exec('echo three'), say('third')), ...limit, 'resume', first)
  },
  'codex-thought': async c => {
    const first = await c.ask(script(think('hm')))
    await c.ask(script(exec('echo one'), say('first')), 'resume', first)
    await c.ask('go on', 'resume', first)
  },
  'codex-cut': async c => { await c.ask(script(exec('echo one'), { cut: true }, exec('echo two'), say('whole'))) },
}

/** [kind, name, run]; what Codex does over HTTP, it does over a WebSocket, too. */
const scenarios = () => [...Object.entries(CLAUDE).map(s => ['claude', ...s]), ...Object.entries(CODEX).map(s => ['codex', ...s]),
  ...Object.entries(CODEX).map(([name, run]) => ['codex', name.replace('codex-', 'codex-ws-'), run])]

// ---- agents

const GIT = ['-c', 'user.name=u', '-c', 'user.email=u@example.org']

/** An agent in a home of its own; `base` is the address it takes for its provider. */
class Agent {
  constructor(kind, home, base, websockets = false, telling = {}) { Object.assign(this, { kind, home, base, websockets, telling, ends: [], work: path.join(home, 'work'), log: path.join(home, 'agent.log') }); this.prepare() }

  prepare() {
    fs.mkdirSync(this.work, { recursive: true })
    fs.writeFileSync(path.join(this.work, 'README.md'), 'hello\n')
    for (const args of [['init', '-q', '-b', 'main', '.'], ['add', '.'], [...GIT, 'commit', '-qm', 'first']]) spawnSync('git', args, { cwd: this.work })
    if (this.kind === 'codex') {
      fs.mkdirSync(path.join(this.home, '.codex'))
      // Over a WebSocket as it is attached, by the provider's address alone; HTTP alone is asked for by a provider of one's own.
      fs.writeFileSync(path.join(this.home, '.codex/auth.json'), '{"OPENAI_API_KEY":"sk-test-000"}')
      fs.writeFileSync(path.join(this.home, '.codex/config.toml'), this.websockets ? `openai_base_url = "${this.base}/v1"\n` : `model = "gpt-5-codex"\nmodel_provider = "recorded"\n[model_providers.recorded]\nname = "recorded"\nbase_url = "${this.base}/v1"\nwire_api = "responses"\nenv_key = "OPENAI_API_KEY"\nsupports_websockets = ${this.websockets}\n`)
    }
  }

  environment() {
    const common = { HOME: this.home, PATH: '/usr/local/bin:/usr/bin:/bin', TERM: 'dumb' }
    return this.kind === 'codex' ? { ...common, OPENAI_API_KEY: 'sk-test-000' } : { ...common, ANTHROPIC_BASE_URL: this.base, ANTHROPIC_API_KEY: 'sk-ant-test-000', IS_SANDBOX: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_TELEMETRY: '1', DISABLE_AUTOUPDATER: '1', DISABLE_ERROR_REPORTING: '1', ...this.telling }
  }

  /** One turn. Further arguments go to the agent; {stopAfter: ms} ends it early as a user would. Returns the session's id. */
  async ask(prompt, ...more) {
    const stopAfter = more.find(m => m.stopAfter)?.stopAfter
    const args = more.filter(m => typeof m === 'string')
    const out = this.kind === 'codex'
      ? await this.run(process.env.CODEX_BIN, ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '--json', ...args, prompt], '', stopAfter)
      : await this.run(process.env.CLAUDE_BIN, ['-p', prompt, '--output-format', 'json', '--dangerously-skip-permissions', ...args], '', stopAfter)
    return out.match(/"(?:session_id|thread_id)":"([^"]+)"/)?.[1]
  }

  /** A talk in one process. A turn is a text, said when the one before it is answered, or {after: ms, text} said in the midst of it. */
  async talk(turns, ...args) {
    const child = this.start(process.env.CLAUDE_BIN, ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose', '--dangerously-skip-permissions', ...args])
    let results = 0, all = ''
    const ended = new Promise(r => child.on('close', r)); let over = false; ended.then(() => { over = true })
    child.stdout.on('data', d => { all += d; results = all.split('\n').filter(l => l.startsWith('{"type":"result"') || /^\{.*"type":"result"/.test(l)).length })
    let asked = 0
    for (const turn of turns) {
      const text = turn.text ?? turn
      if (turn.after) await sleep(turn.after)
      else { const due = asked; for (let t = 0; results < due && !over && t < AGENT_TIMEOUT_MS; t += 50) await sleep(50); if (turn.turn) for (let still = 0, seen = results; still < 1500 && !over; still += 50) { await sleep(50); if (seen !== results) { seen = results; still = 0 } } asked++ }
      if (over) break
      child.stdin.write(JSON.stringify({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } }) + '\n')
    }
    for (let t = 0; results < asked && !over && t < AGENT_TIMEOUT_MS; t += 50) await sleep(50)
    await sleep(500)
    child.stdin.end()
    await ended
    fs.appendFileSync(this.log, all)
    return all.match(/"session_id":"([^"]+)"/)?.[1]
  }

  /** A run in a terminal of its own: texts are typed and sent, names of keys pressed. */
  async screen(steps) {
    const socket = `truth-${process.pid}`, tmux = (...args) => spawnSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' })
    if (tmux('-V').status !== 0) throw new Error('no tmux')
    const key = 'sk-ant-test-000'
    fs.writeFileSync(path.join(this.home, '.claude.json'), JSON.stringify({ hasCompletedOnboarding: true, theme: 'dark', customApiKeyResponses: { approved: [key, key.slice(-20)], rejected: [] }, projects: { [this.work]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } } }))
    const { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: _, ...environment } = this.environment()
    const variables = Object.entries({ ...environment, TERM: 'xterm-256color', LANG: 'C.UTF-8' }).map(([k, v]) => `${k}='${v}'`).join(' ')
    tmux('new-session', '-d', '-x', '150', '-y', '50', '-c', this.work, `env -i ${variables} '${process.env.CLAUDE_BIN}'`)
    try {
      await sleep(5000)
      for (const step of steps) {
        if (/^(Escape|Up|Down|Enter|C-u)$/.test(step)) { tmux('send-keys', step); await sleep(step === 'Escape' ? 300 : 1500); continue }
        tmux('send-keys', '-l', step); await sleep(700); tmux('send-keys', 'Enter'); await sleep(4500)
        fs.appendFileSync(this.log, tmux('capture-pane', '-p').stdout)
      }
    } finally { tmux('kill-server') }
  }

  /** Ids of the transcript's lines that are answers of a session. */
  answers(session) {
    const file = fs.readdirSync(path.join(this.home, '.claude/projects'), { recursive: true }).find(f => f.endsWith(`${session}.jsonl`))
    return fs.readFileSync(path.join(this.home, '.claude/projects', file), 'utf8').trim().split('\n').map(l => JSON.parse(l)).filter(l => l.type === 'assistant').map(l => l.uuid)
  }

  /** Ids of the sub-agents in this home. */
  agents() {
    const found = fs.readdirSync(path.join(this.home, '.claude/projects'), { recursive: true }).map(f => path.basename(f).match(/^agent-(.+)\.jsonl$/)?.[1]).filter(Boolean)
    return found.sort()
  }

  start(binary, args) {
    if (!binary) throw new Error(`no binary of ${this.kind}: set CLAUDE_BIN, CODEX_BIN or AGENTS_PREFIX`)
    const child = spawn(binary, args, { cwd: this.work, env: this.environment(), detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    own(child, AGENT_TIMEOUT_MS)
    child.stderr.on('data', d => fs.appendFileSync(this.log, d))
    child.stdin.on('error', () => {})
    return child
  }

  run(binary, args, input, stopAfter) {
    return new Promise(resolve => {
      const child = this.start(binary, args)
      let out = ''
      child.stdout.on('data', d => { out += d })
      child.stdin.end(input)
      if (stopAfter) setTimeout(() => child.kill('SIGINT'), stopAfter).unref()
      child.on('close', code => { fs.appendFileSync(this.log, out + '\n'); this.ends.push(`${code}: ${out.match(/"result":"((?:[^"\\]|\\.)*)"/)?.[1] ?? out}`); resolve(out) })
    })
  }
}

// ---- processes: each is ended by its own id, whatever happens

const running = new Set()
function own(child, most) {
  running.add(child)
  const timer = most && setTimeout(() => end(child, 'SIGKILL'), most)
  child.on('exit', () => { running.delete(child); clearTimeout(timer) })
}
function end(child, signal = 'SIGTERM') { try { process.kill(-child.pid, signal) } catch { /* it has ended */ } }
function endAll() { for (const child of running) end(child, 'SIGKILL') }
process.on('exit', endAll)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

const freePort = () => new Promise((resolve, reject) => { const s = net.createServer().once('error', reject).listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => resolve(port)) }) })

async function listening(port, child, name) {
  for (const start = Date.now(); Date.now() - start < START_TIMEOUT_MS; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`)
    if (await new Promise(r => { const s = net.connect(port, '127.0.0.1', () => { s.destroy(); r(true) }).on('error', () => r(false)) })) return
  }
  throw new Error(`${name} does not listen`)
}

async function startWorld(hyp, out, capture, via, fault) {
  const [providerPort, gatewayPort, otlpPort, grpcPort] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const hypHome = path.join(out, 'hyp')
  const freeDisks = fault?.endsWith('-full') ? smallDisk(fault === 'spool-full' ? spool(hypHome) : hypHome) : () => {}
  for (const folder of [hypHome, path.join(out, 'wire'), path.join(out, 'homes'), path.join(out, 'reports')]) fs.mkdirSync(folder, { recursive: true })
  const upstream = provider => ({ name: provider, provider, base_url: `http://127.0.0.1:${providerPort}` })
  fs.writeFileSync(path.join(hypHome, 'hypaware-config.json'), JSON.stringify({ version: 2, plugins: [{ name: '@hypaware/ai-gateway', config: { port: gatewayPort, upstreams: [upstream('anthropic'), upstream('openai')] } }, { name: '@hypaware/otel', enabled: tells(via), config: { listen_port: otlpPort, grpc_port: grpcPort } }], ...(capture ? { query: { cache: { maintenance: { enabled: false } } } } : {}) }, null, 2))
  const providerFile = [process.env.PROVIDER, path.join(here, 'provider.mjs')].find(f => f && fs.existsSync(f))
  const log = name => fs.openSync(path.join(out, name), 'a')
  const provider = spawn(process.execPath, [providerFile, String(providerPort), path.join(out, 'wire/log')], { detached: true, stdio: ['ignore', log('provider.log'), log('provider.log')] })
  own(provider)
  const environment = { ...process.env, HYP_HOME: hypHome }
  const run = (...args) => spawnSync(hyp, args, { env: environment, stdio: ['ignore', log('gateway.log'), log('gateway.log')] })
  // With its supervisor where it is to die, else as a child of ours.
  const gateway = fault ? undefined : spawn(hyp, ['daemon', 'run', '--foreground'], { detached: true, env: environment, stdio: ['ignore', log('gateway.log'), log('gateway.log')] })
  if (gateway) own(gateway); else run('up')
  await listening(providerPort, provider, 'the provider')
  await listening(gatewayPort, gateway ?? provider, 'the gateway')
  if (tells(via)) await listening(otlpPort, gateway ?? provider, 'the receiver')
  const stop = async () => {
    if (!gateway) run('down')
    for (const child of [gateway, provider].filter(Boolean)) { end(child); for (let t = 0; running.has(child) && t < 10_000; t += 100) await sleep(100); end(child, 'SIGKILL') }
    freeDisks()
  }
  const direct = `http://127.0.0.1:${providerPort}`
  return { base: isOnTheWire(via) ? `http://127.0.0.1:${gatewayPort}` : direct, direct, environment, stop, hyp: run, hypHome, spool: spool(hypHome), telling: tells(via) ? telling(otlpPort, hypHome) : {} }
}

const tells = via => via === 'telemetry' || via === 'both'
const isOnTheWire = via => via === 'gateway' || via === 'both'

/** What hyp attach claude --via telemetry writes. */
const telling = (port, hypHome) => ({
  CLAUDE_CODE_ENABLE_TELEMETRY: '1', OTEL_LOGS_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `http://127.0.0.1:${port}/v1/logs`, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `http://127.0.0.1:${port}/v1/metrics`,
  OTEL_LOG_USER_PROMPTS: '1', OTEL_LOG_TOOL_DETAILS: '1', OTEL_LOG_RAW_API_BODIES: `file:${spool(hypHome)}`,
})
const spool = hypHome => path.join(hypHome, 'hypaware/bodies/claude')

/** Imports the transcripts of a home, and says what is left in the spool. */
function afterwards(hyp, world, home, out) {
  const done = spawnSync(hyp, ['backfill', 'claude'], { env: { ...world.environment, HOME: home, CLAUDE_CONFIG_DIR: path.join(home, '.claude') }, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`hyp backfill: ${done.stdout}${done.stderr}`)
  try { return fs.readdirSync(spool(path.join(out, 'hyp'))).length } catch { return 0 }
}

/** Runs a scenario while something goes wrong; says how the agent ended, and how long it took beside runs without the recorder: alone, and while it goes as wrong. */
async function underFault(fault, run, agent, bare, beside) {
  const timed = async one => { await fetch(`${bare.base}/forget`); const began = Date.now(); await run(one); return Date.now() - began }
  const without = await timed(bare)
  const finish = await FAULTS[fault](agent.world)
  const unrecorded = await timed(beside)
  const took = await timed(agent)
  await finish()
  return { same: JSON.stringify(agent.ends) === JSON.stringify(bare.ends), text: `${took} ms, without the recorder ${without} ms, and ${unrecorded} ms while it goes as wrong; ended ${JSON.stringify(agent.ends)}, without ${JSON.stringify(bare.ends)}` }
}

/** What arrived at the provider since a call, each as what does not differ from run to run; agents that work at once have no order. */
function arrived(out, from) {
  const lines = fs.readFileSync(path.join(out, 'wire/log'), 'utf8').trim().split('\n').slice(from - 1).map(l => JSON.parse(l))
  return lines.map(c => {
    const headers = Object.keys(c.headers ?? {}).filter(h => !['host', 'connection', 'content-length'].includes(h)).sort()
    let body
    try { body = JSON.parse(fs.readFileSync(path.join(out, `wire/log.${c.n}.body`), 'utf8')) } catch { body = {} }
    const said = c.method === 'UPGRADE' ? [] : Object.keys(body).sort().map(k => Array.isArray(body[k]) ? `${k}[${body[k].length}]` : k)
    return `${c.method} ${c.url} ${headers.join(',')} ${said.join(',')}`
  }).sort()
}

/** Runs a scenario once more without the gateway: the agent has to make the same calls in the same way. */
async function compareWithDirect(kind, name, run, world, out, through) {
  await fetch(`${world.direct}/forget`)
  const from = callsSoFar(out) + 1
  await run(new Agent(kind, path.join(out, 'homes', `${name}-direct`), world.direct, name.startsWith('codex-ws-')))
  const direct = arrived(out, from)
  const differ = direct.map((c, i) => i).filter(i => direct[i] !== through[i])
  const same = direct.length === through.length && !differ.length
  console.log(`${name}: ${through.length} calls through the gateway, ${direct.length} without it, ${same ? 'the same' : 'NOT the same'}`)
  for (const i of differ.slice(0, 3)) console.log(`  without ${direct[i]}\n  through ${through[i]}`)
  return same
}

const callsSoFar = out => { try { return fs.readFileSync(path.join(out, 'wire/log'), 'utf8').trim().split('\n').length } catch { return 0 } }

function findBinaries() {
  const prefix = path.join(process.env.AGENTS_PREFIX ?? path.join(here, 'npm'), 'node_modules')
  const first = (scope, wanted) => { try { return fs.readdirSync(path.join(prefix, scope), { recursive: true }).filter(f => wanted.test(f)).map(f => path.join(prefix, scope, f)).find(f => fs.statSync(f).isFile()) } catch { return undefined } }
  process.env.CLAUDE_BIN ??= first('@anthropic-ai', /^claude-code-[^/]+\/claude$/) ?? ''
  process.env.CODEX_BIN ??= first('@openai', /^codex-[^/]+\/vendor\/.*\/bin\/codex$/) ?? ''
}

/** Goes where only loopback is reachable, if that is allowed; a child does the work then, and its end is ours. */
async function alone() {
  if (process.env.TRUTH_ALONE || spawnSync('unshare', ['-n', 'true']).status !== 0) return
  const inner = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', process.execPath, ...process.argv.slice(1)], { stdio: 'inherit', env: { ...process.env, TRUTH_ALONE: '1' } })
  for (const signal of ['SIGINT', 'SIGTERM']) { process.removeAllListeners(signal); process.on(signal, () => inner.kill('SIGTERM')) }
  process.exit(await new Promise(resolve => inner.on('exit', code => resolve(code ?? 1))))
}

// ---- the run

const WAYS = ['gateway', 'telemetry', 'both', 'none']
const OPTIONS = { out: { type: 'string' }, verbose: { type: 'boolean' }, direct: { type: 'boolean' }, capture: { type: 'boolean' }, via: { type: 'string', default: 'gateway' }, fault: { type: 'string' }, list: { type: 'boolean' } }

const isNamed = (name, by) => name === by || (by.endsWith('*') && name.startsWith(by.slice(0, -1)))

/** What the arguments ask for; ends where they only ask for the names, or are wrong. */
function wanted(args) {
  try {
    const { values, positionals: [hyp, ...names] } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
    const known = scenarios().map(([, name]) => name)
    if (values.list) { console.log(known.join('\n')); process.exit(0) }
    if (!hyp) throw new Error('usage: scenarios.mjs HYP [NAME ...] [--out FOLDER] [--verbose] [--list]')
    if (!WAYS.includes(values.via)) throw new Error(`--via: expected one of ${WAYS.join(', ')}`)
    if (values.fault !== undefined && !FAULTS[values.fault]) throw new Error(`--fault: expected one of ${Object.keys(FAULTS).join(', ')}`)
    const unknown = names.find(by => !known.some(name => isNamed(name, by)))
    if (unknown !== undefined) throw new Error(`there is no scenario ${unknown}; --list names them`)
    return { ...values, hyp: path.resolve(hyp), names, out: values.out && path.resolve(values.out) }
  } catch (e) {
    console.error(`truth: ${e.message}`)
    process.exit(2)
  }
}

async function main() {
  const { hyp, names, direct, capture, verbose, via, fault, ...asked } = wanted(process.argv.slice(2))
  let { out } = asked
  if (!process.env.TRUTH_ALONE) spawnSync(hyp, ['--version'], { stdio: 'inherit' }) // builds it, where that is needed
  await alone()
  findBinaries()
  out ??= fs.mkdtempSync(path.join(os.tmpdir(), 'truth-'))
  const world = await startWorld(hyp, out, capture, via, fault)
  const table = []
  for (const [kind, name, run] of scenarios().filter(([, name]) => !names.length || names.some(n => isNamed(name, n)))) {
    const home = path.join(out, 'homes', name)
    try {
      await fetch(`${world.direct}/forget`)
      const from = callsSoFar(out) + 1
      const agent = Object.assign(new Agent(kind, home, world.base, name.startsWith('codex-ws-'), kind === 'claude' ? world.telling : {}), { world })
      let noticed
      const unrecorded = beside => new Agent(kind, path.join(out, 'homes', `${name}-${beside}`), world.direct, name.startsWith('codex-ws-'))
      if (fault) noticed = await underFault(fault, run, agent, unrecorded('bare'), unrecorded('beside'))
      else await run(agent)
      await sleep(300)
      if (capture) { console.log(`${name}: captured, not read`); continue }
      const transcript = readTranscripts(home)
      const left = via === 'gateway' ? 0 : afterwards(hyp, world, home, out)
      const report = via === 'gateway'
        ? compare(transcript, await readRows(hyp, transcript.sessions, world.environment))
        : compare(withoutSpeakers(transcript), await readAllRows(hyp, transcript.sessions, world.environment))
      if (left) console.log(`${name}: ${left} files are left in the spool`)
      if (noticed) { console.log(`${name}: the agent ${noticed.same ? 'noticed nothing' : 'NOTICED'}: ${noticed.text}`); report.same = noticed.same }
      report.calls = `${from}-${callsSoFar(out)}`
      const text = `${name}: calls ${report.calls}\n${describe(report)}\n`
      fs.writeFileSync(path.join(out, 'reports', `${name}.txt`), text)
      fs.writeFileSync(path.join(out, 'reports', `${name}.json`), JSON.stringify(report, null, 1))
      if (verbose) console.log(text)
      if (direct) report.same = await compareWithDirect(kind, name, run, world, out, arrived(out, from))
      table.push([name, report])
    } catch (e) {
      console.error(`${name}: ${e.stack}`)
      table.push([name, undefined])
    }
  }
  await world.stop()
  if (!capture) print(table)
  console.log(`kept in ${out}`)
  process.exitCode = table.every(([, r]) => r && !r.missing.length && !r.doubled.length && r.same !== false) ? 0 : 1
}

function print(table) {
  const head = ['scenario', 'calls', 'blocks', 'rows', 'missing', 'doubled', 'altered', 'remind', 'sysnote', 'side', 'compact', 'failed', 'local', 'unexpl', 'extra>1', 'reshaped', 'convs/speakers', 'mixed', 'outcomes']
  const lines = table.map(([name, r]) => r ? [name, r.calls, r.blocks, r.rows, r.missing.length, r.doubled.length, r.altered.length, ...['reminders', 'system notes', 'side calls', 'compaction', 'failed answers', 'local', 'unexplained'].map(k => r.extra[k].length), r.extraDoubled.length, r.reshaped.length, `${r.conversations}/${r.speakers}`, r.mixed.length, JSON.stringify(r.outcomes)] : [name, 'FAILED'])
  const widths = head.map((h, i) => Math.max(h.length, ...lines.map(l => String(l[i] ?? '').length)))
  for (const line of [head, ...lines]) console.log(line.map((c, i) => String(c ?? '').padEnd(widths[i])).join('  ').trimEnd())
}

await main()
