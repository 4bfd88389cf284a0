/** A self-signed certificate for loopback addresses, made by openssl. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  /** Files with the certificate, with its key, and with both, as HAProxy and stunnel read them. */
  readonly cert: string
  readonly key: string
  readonly both: string
}

export function makeCertificate(folder: string): Certificate {
  const cert = join(folder, 'cert.pem')
  const key = join(folder, 'key.pem')
  const both = join(folder, 'both.pem')
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  // An authority, too: Squid and mitmproxy sign the certificates of other hosts with it.
  execFileSync(
    'openssl',
    ['req', '-x509', '-nodes', '-days', '30', ...curve, ...subject, '-keyout', key, '-out', cert],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  writeFileSync(both, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'))
  return { cert, key, both }
}
