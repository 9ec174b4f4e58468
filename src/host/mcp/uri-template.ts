/** URI templates of RFC 6570, as far as servers use them: a name, `+name`, and the query forms `?name` and `&name`. */

const EXPRESSION = /\{([+#./;?&]?)([^{}]*)\}/g

/** The names of the variables, each once. */
export function variablesOf(template: string): string[] {
  return [...new Set([...template.matchAll(EXPRESSION)].flatMap(([, , names = '']) => namesIn(names)))]
}

export function expand(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(EXPRESSION, (_, operator: string, names: string) => {
    const given = namesIn(names).filter((name) => (values[name] ?? '') !== '')
    if (given.length === 0) return ''
    const encoded = (name: string): string =>
      operator === '+' || operator === '#' ? encodeURI(values[name] ?? '') : encodeURIComponent(values[name] ?? '')
    const isNamed = operator === '?' || operator === '&' || operator === ';'
    const texts = given.map((name) => (isNamed ? `${name}=${encoded(name)}` : encoded(name)))
    const between = operator === '?' ? '&' : operator === '' || operator === '+' || operator === '#' ? ',' : operator
    return `${operator === '+' ? '' : operator}${texts.join(between)}`
  })
}

function namesIn(list: string): string[] {
  return list.split(',').map((name) => name.replace(/(\*|:\d+)$/, '').trim())
}
