// What goes wrong with the recorder while an agent works: a fault begins when the agent does, and what it returns ends it when the agent is done.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const GATEWAY_LIVES_MS = 1_500
const WORKER_LIVES_MS = 300
const SPACE = 'size=96m'

/** Does something again and again until the function that it returns is called. */
function repeatedly(everyMs, what) {
  let isOver = false
  const done = (async () => { while (!isOver) { await sleep(everyMs * (0.5 + Math.random())); if (!isOver) what() } })()
  return async () => { isOver = true; await done }
}

/** The processes of a home whose command line has a word, by their own ids. */
function processesOf(hypHome, word) {
  return fs.readdirSync('/proc').filter(id => /^\d+$/.test(id)).filter(id => {
    try {
      const [command, environment] = ['cmdline', 'environ'].map(f => fs.readFileSync(`/proc/${id}/${f}`, 'utf8').split('\0'))
      return command.includes(word) && environment.includes(`HYP_HOME=${hypHome}`)
    } catch { return false }
  }).map(Number)
}

const kill = ids => ids.forEach(id => { try { process.kill(id, 'SIGKILL') } catch { /* it has ended */ } })

/** Fills a file system up to its last byte; returns the file that does. */
function fill(folder) {
  const file = path.join(folder, '.filled'), piece = Buffer.alloc(1 << 16)
  const fd = fs.openSync(file, 'w')
  for (let size = piece.length; size > 0;) try { fs.writeSync(fd, piece, 0, size) } catch { size >>= 1 }
  fs.closeSync(fd)
  return file
}

/** Ends what a file says, if it is there: who is killed has none for a moment. */
function killGateway(hypHome) {
  try { kill([JSON.parse(fs.readFileSync(path.join(hypHome, 'hypaware/run/gateway.json'), 'utf8')).pid]) } catch { /* it is starting */ }
}

const full = folder => { const file = fill(folder); return () => fs.rmSync(file) }

export const FAULTS = {
  'gateway-killed': world => repeatedly(GATEWAY_LIVES_MS, () => killGateway(world.hypHome)),
  'worker-killed': world => repeatedly(WORKER_LIVES_MS, () => kill(processesOf(world.hypHome, 'worker'))),
  restarted: world => repeatedly(GATEWAY_LIVES_MS, () => world.hyp('daemon', 'restart')),
  absent: world => { world.hyp('down'); return () => world.hyp('up') },
  'disk-full': world => full(world.hypHome),
  'spool-full': world => full(world.spool),
}

/** Puts a small file system in place of a folder, so that it can be filled; who may not mount cannot try that. */
export function smallDisk(folder) {
  fs.mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `${SPACE},mode=700`, 'tmpfs', folder])
  return () => execFileSync('umount', ['-l', folder])
}
