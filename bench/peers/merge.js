#!/usr/bin/env node
// Resolves conflicts with two npm packages and writes what each leaves behind, so that edits lost can be counted.
//
//   node bench/peers/merge.js CONFLICTS.json RESULTS.json [NODE_MODULES]
//
// CONFLICTS.json: [{ "id": "…", "revisions": [ documents with _id, _rev and _revisions, ancestors before descendants ] }, …]
// RESULTS.json:   { "couchdb-conflict-manager": { "<id>": document or null }, "pouch-resolve-conflicts": { … } };
//                 null where the package left the conflict open.
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
  console.error('usage: node merge.js CONFLICTS.json RESULTS.json [NODE_MODULES]')
  process.exit(2)
}
const conflicts = JSON.parse(fs.readFileSync(input, 'utf8'))
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
  for (const { revisions } of conflicts) await db.bulkDocs(revisions, { new_edits: false })
  return db
}

async function results (db) {
  const found = {}
  for (const { id } of conflicts) {
    const doc = await db.get(id, { conflicts: true })
    found[id] = doc._conflicts ? null : doc
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
    for (const [name, found] of Object.entries(all)) {
      const values = Object.values(found)
      console.log(`${name}: ${values.filter(Boolean).length} of ${values.length} resolved`)
    }
    await first.close()
    await second.close()
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

main().catch(error => { console.error(error); process.exitCode = 1 })
