/** The table that `npm run bench` prints: one line a row of figures. */

/** `ratio_at_most`: ours over the reference. The others are of the figure itself. */
export type Target = { readonly ratio_at_most: number } | { readonly at_most: number } | { readonly at_least: number }

export type Row = {
  readonly name: string
  readonly unit: string
  /** What it is measured against in the same run; null where there is nothing to run beside. */
  readonly reference: { readonly name: string; readonly value: number } | null
  readonly ours: number
  /** null: shown for its own sake. */
  readonly target: Target | null
}

/** A topic of the bench: `npm run bench -- <name>` runs it alone. */
export type Bench = {
  readonly name: string
  /** Rows as they are known; a topic that cannot run here throws an Error that says why. */
  run(show: (row: Row) => void): Promise<void>
}

const ratioOf = ({ reference, ours }: Row): number | null => (reference === null ? null : ours / reference.value)

/** null: there is no target, or nothing to hold it against. */
export const reaches = (row: Row): boolean | null => {
  if (row.target === null) return null
  if ('at_most' in row.target) return row.ours <= row.target.at_most
  if ('at_least' in row.target) return row.ours >= row.target.at_least
  const ratio = ratioOf(row)
  return ratio === null ? null : ratio <= row.target.ratio_at_most
}

const figure = (value: number): string => {
  if (!Number.isFinite(value)) return '–'
  if (value !== 0 && Math.abs(value) < 10) return value.toPrecision(2)
  return Math.round(value).toLocaleString('en-US')
}

const targetText = (target: Target | null, unit: string): string => {
  if (target === null) return ''
  if ('ratio_at_most' in target) return `≤ ${target.ratio_at_most}×`
  return 'at_most' in target ? `≤ ${target.at_most} ${unit}` : `≥ ${target.at_least} ${unit}`
}

const HEADER = ['row', 'reference', 'ours', 'ratio', 'target', 'ok?'] as const
const WIDTHS = [52, 40, 14, 8, 14, 4] as const

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd()

export const headerLines = (): string => `${line(HEADER)}\n${line(WIDTHS.map(width => '-'.repeat(width)))}`

export const rowLine = (row: Row): string => {
  const { name, unit, reference, ours, target } = row
  const ratio = ratioOf(row)
  const ok = reaches(row)
  return line([
    name,
    reference === null ? '' : `${figure(reference.value)} ${unit} ${reference.name}`,
    `${figure(ours)} ${unit}`,
    ratio === null ? '' : `${figure(ratio)}×`,
    targetText(target, unit),
    ok === null ? '' : ok ? 'yes' : 'NO',
  ])
}
