/** Files that hold secrets as a rule. Their names decide, never what is in them: that would mean to read them. */

const NAMES = new Set([
  ...['.netrc', '_netrc', '.pgpass', '.npmrc', '.pypirc', '.htpasswd', '.git-credentials', '.dockercfg', '.my.cnf'],
  ...['credentials', 'credentials.json', 'secrets.json', 'secrets.yml', 'secrets.yaml', 'secrets.toml'],
  ...['id_rsa', 'id_dsa', 'id_ecdsa', 'id_ed25519', 'kubeconfig', 'local.settings.json', 'master.key'],
  ...['service-account.json', 'serviceaccount.json', 'client_secret.json', 'terraform.tfstate', '.vault-token'],
])
const ENDINGS = /\.(pem|key|p8|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|ovpn|tfvars|tfstate|secrets?)$/
/** `.env`, `.env.production`, `prod.env`; not the examples that are made to be shown. */
const ENVIRONMENT = /^(\.env|\.envrc|.*\.env)(\..+)?$/
const EXAMPLE = /\.(example|sample|template|dist|defaults?)$/
const FOLDERS = new Set(['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker'])

/** `file`: a path with `/`, of which the name and the folders count, in any case. */
export function isSecret(file: string): boolean {
  const parts = file.replaceAll('\\', '/').toLowerCase().split('/')
  const name = parts.at(-1) ?? ''
  if (parts.slice(0, -1).some((folder) => FOLDERS.has(folder))) return true
  if (NAMES.has(name) || ENDINGS.test(name)) return true
  return ENVIRONMENT.test(name) && !EXAMPLE.test(name)
}
