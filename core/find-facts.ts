/** Opening hours and prices in lines of text, as people write them. */
import type { OpeningHours, Price } from '#core/site.ts'

/** English, German, Spanish, French, Italian, Dutch, Portuguese; short forms too. */
const DAY =
  '(?:mon(?:day)?s?|tues?(?:day)?s?|wed(?:nesday)?s?|thu(?:rs?)?(?:day)?s?|fri(?:day)?s?|sat(?:urday)?s?|sun(?:day)?s?|weekdays?|weekends?|daily|every day|(?:public |bank )?holidays?' +
  '|mo(?:ntags?)?|di(?:enstags?)?|mi(?:ttwochs?)?|do(?:nnerstags?)?|fr(?:eitags?)?|sa(?:mstags?)?|so(?:nntags?)?|täglich|feiertags?|werktags?' +
  '|lun(?:es|di|edì)?|mar(?:tes|di|tedì)?|mi[ée](?:rcoles)?|mer(?:credi|coledì)?|jue(?:ves)?|jeu(?:di)?|gio(?:vedì)?|vie(?:rnes)?|ven(?:dredi|erdì)?|s[áa]b(?:ado|ato)?|sam(?:edi)?|dom(?:ingo|enica)?|dim(?:anche)?' +
  '|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|segunda|terça|quarta|quinta|sexta)\\.?'
const JOIN = '(?:\\s*(?:-|–|—|to|through|thru|until|bis|a|al|au|à|t/m|and|und|y|et|e|&|\\+|,|/)\\s*)'
const DAYS = new RegExp(`^(${DAY}(?:${JOIN}${DAY}){0,6})(?![\\p{L}\\p{N}])\\s*[:|–—-]?\\s*(.{1,80})$`, 'iu')

const CLOCK = String.raw`\d{1,2}(?:[:.h]\d{2}|h)?\s*(?:a\.?m\.?|p\.?m\.?|uhr|noon)?`
const HOURS = new RegExp(`^(?:from |von |de )?${CLOCK}\\s*(?:-|–|—|to|until|bis|a|à|às|tot)\\s*${CLOCK}`, 'i')
const CLOSED =
  /^(closed|geschlossen|cerrado|fermé|chiuso|gesloten|fechado|ruhetag|by appointment|nach vereinbarung|24 hours|open 24)/i

/** Without the marks of markdown, in one line. */
const plain = (line: string): string =>
  line
    .replace(/^[\s>#*+-]+/, '')
    .replace(/[*_`|]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

const LINE_LIMIT = 200
const LINES_LIMIT = 4000

const linesOf = (text: string): string[] =>
  text
    .split('\n', LINES_LIMIT)
    .filter(line => line.length <= LINE_LIMIT)
    .map(plain)
    .filter(line => line !== '')

/** `Monday – Friday: 8am – 6pm`, in one line or in two. */
export const findHours = (text: string): OpeningHours[] => {
  const lines = linesOf(text)
  return lines.flatMap((line, index) => {
    const alone = new RegExp(`^${DAY}(?:${JOIN}${DAY}){0,6}:?$`, 'iu').test(line)
    const [, days, rest] = DAYS.exec(alone ? `${line.replace(/:$/, '')}: ${lines[index + 1] ?? ''}` : line) ?? []
    const hours = rest?.trim()
    if (days === undefined || hours === undefined || !(HOURS.test(hours) || CLOSED.test(hours))) return []
    return [{ days: days.trim(), hours: hours.replace(/[.;,]$/, '') }]
  })
}

const AMOUNT = String.raw`(?:(?:US\$|[$€£¥]|USD|EUR|GBP|CHF|CAD|AUD)\s?\d{1,6}(?:[.,]\d{2,3})*|\d{1,6}(?:[.,]\d{2,3})*(?:,-)?\s?(?:€|EUR|USD|CHF|GBP|£|euros?|dollars?))`
const PRICE = new RegExp(
  `^(.{2,100}?)\\s*[:.…·–—-]*\\s*((?:(?:from|ab|desde|dès|starting at)\\s+)?${AMOUNT}(?:\\s*(?:-|–|to|bis)\\s*${AMOUNT})?(?:\\s*(?:per|pro|/|por|par)\\s*\\p{L}{1,20})?)(?![\\d.,]*\\s*(?:million|billion|mio|mrd|k\\b|%))`,
  'iu',
)
const ONLY_AMOUNT = new RegExp(
  `^(?:(?:from|ab|desde|dès|starting at)\\s+)?${AMOUNT}(?:\\s*(?:per|pro|/)\\s*\\p{L}{1,20})?\\.?$`,
  'iu',
)

/** A sentence that mentions money is not a price list. */
const WORDS_LIMIT = 9

/** `Cleaning … $120`, or the amount in the line below. */
export const findPrices = (text: string): Price[] => {
  const lines = linesOf(text)
  return lines.flatMap((line, index) => {
    const before = lines[index - 1]
    if (ONLY_AMOUNT.test(line))
      return before === undefined || ONLY_AMOUNT.test(before) || before.split(' ').length > WORDS_LIMIT
        ? []
        : [{ what: before.replace(/\s*[:.…·–—-]+$/, ''), price: line }]
    const [, found, price] = PRICE.exec(line) ?? []
    const what = found?.replace(/[\s:.…·–—(-]+$/, '').trim()
    if (what === undefined || price === undefined || !/\p{L}{2}/u.test(what) || what.split(' ').length > WORDS_LIMIT)
      return []
    return [{ what, price: price.trim() }]
  })
}
