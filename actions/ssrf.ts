import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Why a URL may not be called. Stable codes. */
export type UrlRefusal = 'url_invalid' | 'url_scheme' | 'url_credentials' | 'url_private'

/** A name resolved to an address that may not be called. */
export class AddressRefused extends Error {
  readonly code = 'ERR_ADDRESS_REFUSED'
}

/** Told by their cloud to every machine, yet nobody's web server. Source: Microsoft Azure and Alibaba Cloud documentation. */
const METADATA = new Set(['168.63.129.16', '100.100.100.200'])
const PRIVATE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'])

/**
 * May this address be called?
 *
 * Only plain unicast addresses may; the list of what is special grows, so everything with a name of its own is refused. Link
 * local addresses (cloud metadata among them), multicast and the like are refused even when private ones are allowed.
 *
 * @param mayBePrivate lets private, loopback, unique local and carrier-grade NAT addresses pass
 */
export function mayCall(address: string, mayBePrivate: boolean): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = unwrap(ipaddr.parse(address))
  const range: string = parsed.range()
  if (METADATA.has(parsed.toString())) return false
  if (range === 'unicast') return !isOddUnicast(parsed)
  return mayBePrivate && PRIVATE_RANGES.has(range)
}

/** `::ffff:127.0.0.1` is 127.0.0.1. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

/** Global unicast IPv6 is 2000::/3; the rest (`::127.0.0.1` among it) is unassigned or old. Source: RFC 4291, 2.4. */
function isOddUnicast(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv6 && !address.match(ipaddr.IPv6.parse('2000::'), 3)
}

/** Checks all that a URL itself shows; a name is checked when it is resolved, by {@link guardedLookup}. */
export function checkUrl(text: string, mayBePrivate: boolean): { url: URL } | { refused: UrlRefusal } {
  if (!URL.canParse(text)) return { refused: 'url_invalid' }
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { refused: 'url_scheme' }
  if (url.username !== '' || url.password !== '') return { refused: 'url_credentials' }
  // The URL parser has made 127.0.0.1 of `0x7f.1`, `2130706433` and the like.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !mayCall(host, mayBePrivate)) return { refused: 'url_private' }
  return { url }
}

/** What resolves a name to all its addresses; tests hand in their own. */
export type Resolve = (host: string, done: (error: NodeJS.ErrnoException | null, all: LookupAddress[]) => void) => void

const resolveByMachine: Resolve = (host, done) => systemLookup(host, { all: true }, done)

/**
 * Resolves a name for `net.connect` and hands on only what was checked, so the socket goes to the very address that was
 * looked at: a name that answers differently a moment later (DNS rebinding) gains nothing. One bad address refuses them all.
 */
export function guardedLookup(mayBePrivate: () => boolean, resolve: Resolve = resolveByMachine): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, all) => {
      if (error !== null) return callback(error, '')
      const bad = all.find(({ address }) => !mayCall(address, mayBePrivate()))
      const [first] = all
      if (bad !== undefined || first === undefined) {
        return callback(new AddressRefused(`"${host}" leads to an address that may not be called.`), '')
      }
      if (options.all === true) callback(null, all)
      else callback(null, first.address, first.family)
    })
  }
}
