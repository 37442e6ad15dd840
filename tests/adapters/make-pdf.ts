/** PDF files by hand, with exactly what a test wants in them. */
import { deflateSync } from 'node:zlib'

const object = (number: number, content: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${number} 0 obj\n`), Buffer.from(content), Buffer.from('\nendobj\n')])

const stream = (bytes: Buffer): Buffer => {
  const packed = deflateSync(bytes)
  const head = Buffer.from(`<< /Length ${packed.length} /Filter /FlateDecode >>\nstream\n`)
  return Buffer.concat([head, packed, Buffer.from('\nendstream')])
}

const lines = (texts: readonly string[]): Buffer =>
  Buffer.from(`BT /F1 12 Tf 72 720 Td 14 TL ${texts.map(text => `(${text}) Tj T*`).join(' ')} ET`)

/** A page for each list of lines; readers rebuild the missing table of objects. */
export const makePdf = (pages: readonly (readonly string[] | Buffer)[], title = 'Price list'): Buffer => {
  const kids = pages.map((_, nth) => `${10 + nth * 2} 0 R`).join(' ')
  return Buffer.concat([
    Buffer.from('%PDF-1.4\n'),
    object(1, '<< /Type /Catalog /Pages 2 0 R >>'),
    object(2, `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`),
    object(3, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'),
    object(4, `<< /Title (${title}) >>`),
    ...pages.flatMap((page, nth) => [
      object(
        10 + nth * 2,
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${11 + nth * 2} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      ),
      object(11 + nth * 2, stream(Buffer.isBuffer(page) ? page : lines(page))),
    ]),
    Buffer.from('trailer << /Root 1 0 R /Info 4 0 R >>\n%%EOF\n'),
  ])
}
