/** A file that cannot be imported. The message is for the person: a whole sentence that says what is wrong with it. */
export class BadFile extends Error {
  override readonly name = 'BadFile'
}
