// Writes src/contract.ts from contract.schema.json; with --check it only compares, and fails when they differ.
import { readFile, writeFile } from 'node:fs/promises'
import { compile } from 'json-schema-to-typescript'

const here = new URL('..', import.meta.url)
const schemaFile = new URL('contract.schema.json', here)
const typesFile = new URL('src/contract.ts', here)

const banner =
  '/* Made from contract.schema.json by `npm run contract`; edit crowdsafe/contract instead. */'

// The compiler reads tuples as draft 7 writes them; the schema writes them as draft 2020-12 does.
const tuplesOfDraft7 = (key, value) => {
  if (value === null || typeof value !== 'object' || !('prefixItems' in value)) return value
  const { prefixItems, ...rest } = value
  return { ...rest, items: prefixItems, additionalItems: false }
}

const schema = JSON.parse(await readFile(schemaFile, 'utf8'), tuplesOfDraft7)
const made = await compile(schema, 'Contract', {
  bannerComment: banner,
  additionalProperties: false,
  style: { semi: false, singleQuote: true, printWidth: 100 },
})

if (process.argv.includes('--check')) {
  const present = await readFile(typesFile, 'utf8').catch(() => '')
  if (present !== made) {
    console.error('src/contract.ts is not what contract.schema.json gives: run `npm run contract`.')
    process.exit(1)
  }
  console.log('src/contract.ts matches contract.schema.json.')
} else {
  await writeFile(typesFile, made)
}
