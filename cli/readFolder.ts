import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { SourceFile } from '#definitions/problem.ts'
import { NotFound } from '#engine/errors.ts'

/**
 * Reads every `.json` file below a folder, in order of path. A file that does not parse is listed with its error, so that
 * `check` tells it together with all other problems. Folders named `schema` and hidden ones are passed over.
 *
 * @throws NotFound when the folder is missing or holds no JSON file
 */
export async function readFolder(folder: string): Promise<SourceFile[]> {
  let names: string[]
  try {
    names = await jsonFiles(folder)
  } catch (cause) {
    throw new NotFound(
      `Cannot read the folder "${folder}". Give the folder that holds the definitions.`,
      { folder },
      { cause },
    )
  }
  if (names.length === 0) throw new NotFound(`The folder "${folder}" holds no .json file.`, { folder })
  return Promise.all(names.map((name) => readOne(folder, name)))
}

async function jsonFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(/[\\/]/).some((part) => part === 'schema' || part.startsWith('.')))
    .sort()
}

async function readOne(folder: string, file: string): Promise<SourceFile> {
  const text = await readFile(join(folder, file), 'utf8')
  try {
    return { file, json: JSON.parse(text.replace(/^\uFEFF/, '')) as unknown }
  } catch (error) {
    return { file, error: error instanceof Error ? error.message : String(error) }
  }
}
