#!/usr/bin/env node
// Resolves conflicts with two npm packages and writes what each leaves behind, so that edits lost can be counted.
//
//   node bench/peers/merge.js CONFLICTS.jsonl RESULTS.json [NODE_MODULES]
//
// CONFLICTS.jsonl, one conflict a line: { "id": "…", "leaves": [documents], "ancestors": [documents], "edits": [{ "path", "value" }] };
//   documents have _rev and _revisions; an edit is a value that a person set at a dotted path, or a tag added to "tags", and that
//   nobody has replaced in sight of it.
// RESULTS.json: a package's name to { resolved, open, edits, lost, documents }; edits and lost count resolved conflicts only, and
//   documents hold null where the package left the conflict open.
//
// couchdb-conflict-manager is a web page: its archiving function, which keeps the winner and removes every other leaf, is taken out of
// the page's source and run as it stands. pouch-resolve-conflicts merges two documents with a function that its user writes:
// here the usual one, by which the later dateModified wins.
'use strict'
const fs = require('fs')
const os = require('os')
const path = require('path')

const [input, output, modules = process.env.COUCH_PEERS || '/opt/couch-peers/node_modules'] = process.argv.slice(2)
if (!input || !output) {
  console.error('usage: node merge.js CONFLICTS.jsonl RESULTS.json [NODE_MODULES]')
  process.exit(2)
}
const conflicts = fs.readFileSync(input, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line))
const PouchDB = require(path.join(modules, 'pouchdb'))
PouchDB.plugin(require(path.join(modules, 'pouch-resolve-conflicts')))

function archiveConflicts () {
  const source = fs.readFileSync(path.join(modules, 'couchdb-conflict-manager/src/active-conflicts.js'), 'utf8')
  const start = source.indexOf('async function archiveConflicts')
  const end = source.indexOf('class ActiveConflicts')
  if (start < 0 || end < start) throw new Error('couchdb-conflict-manager no longer has archiveConflicts in active-conflicts.js')
  return new Function('PouchDB', source.slice(start, end) + '; return archiveConflicts')(PouchDB)
}

async function load (name) {
  const db = new PouchDB(name)
  for (const { ancestors, leaves } of conflicts) {
    // Ancestors first: loaded after their descendants, their bodies would be dropped.
    const revisions = [...ancestors, ...leaves].sort((a, b) => parseInt(a._rev, 10) - parseInt(b._rev, 10))
    for (const revision of revisions) await db.bulkDocs([revision], { new_edits: false })
  }
  return db
}

function holds (doc, { path, value }) {
  if (path === 'tags') return Array.isArray(doc.tags) && doc.tags.includes(value)
  return path.split('.').reduce((found, step) => found === undefined || found === null ? undefined : found[step], doc) === value
}

async function results (db) {
  const found = { resolved: 0, open: 0, edits: 0, lost: 0, documents: {} }
  for (const { id, edits } of conflicts) {
    const doc = await db.get(id, { conflicts: true })
    found.documents[id] = doc._conflicts ? null : doc
    if (doc._conflicts) {
      found.open++
    } else {
      found.resolved++
      found.edits += edits.length
      found.lost += edits.filter(edit => !holds(doc, edit)).length
    }
  }
  return found
}

const laterWins = (a, b) => Date.parse(a.dateModified) > Date.parse(b.dateModified) ? a : b

async function main () {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'integrity-merge-peers-'))
  try {
    const managed = path.join(folder, 'managed')
    const first = await load(managed)
    const archive = archiveConflicts()
    for (const { id } of conflicts) await archive(managed, id)
    const second = await load(path.join(folder, 'resolved'))
    for (const { id } of conflicts) {
      const doc = await second.get(id, { conflicts: true })
      if (doc._conflicts) await second.resolveConflicts(doc, laterWins)
    }
    const all = { 'couchdb-conflict-manager': await results(first), 'pouch-resolve-conflicts': await results(second) }
    fs.writeFileSync(output, JSON.stringify(all))
    for (const [name, { resolved, open, edits, lost }] of Object.entries(all)) {
      console.log(`${name}: ${resolved} resolved, ${open} left open; ${lost} of ${edits} edits lost`)
    }
    await first.close()
    await second.close()
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

main().catch(error => { console.error(error); process.exitCode = 1 })
