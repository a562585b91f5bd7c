import { describe, expect, test } from 'vitest'
import { checkUrl, guardedLookup, mayCall } from '#actions/ssrf.ts'
import { table } from '#test/table.ts'

const addresses = table(`
  address                   strict  lax
  8.8.8.8                   yes     yes
  203.0.114.1               yes     yes
  2606:4700:4700::1111      yes     yes
  ::ffff:8.8.8.8            yes     yes
  127.0.0.1                 no      yes
  127.8.9.10                no      yes
  10.0.0.1                  no      yes
  172.16.0.1                no      yes
  172.31.255.255            no      yes
  172.32.0.1                yes     yes
  192.168.1.1               no      yes
  100.64.0.1                no      yes   // carrier-grade NAT
  ::1                       no      yes
  fd00::1                   no      yes
  fd00:ec2::254             no      yes   // unique local; the metadata service of AWS on IPv6 lives there
  ::ffff:127.0.0.1          no      yes
  ::ffff:10.0.0.1           no      yes
  ::ffff:169.254.169.254    no      no
  169.254.169.254           no      no    // metadata of AWS, Azure, Google Cloud
  169.254.1.1               no      no
  168.63.129.16             no      no    // Azure
  100.100.100.200           no      no    // Alibaba Cloud
  fe80::1                   no      no
  fec0::1                   no      no
  0.0.0.0                   no      no
  ::                        no      no
  255.255.255.255           no      no
  224.0.0.1                 no      no
  ff02::1                   no      no
  192.0.2.1                 no      no    // documentation
  198.18.0.1                no      no    // benchmarking
  240.0.0.1                 no      no
  2001:db8::1               no      no
  64:ff9b::7f00:1           no      no    // NAT64 of 127.0.0.1
  2002:7f00:1::             no      no    // 6to4 of 127.0.0.1
  2001:0:7f00:1::           no      no    // Teredo
  ::127.0.0.1               no      yes   // IPv4-compatible: read as 127.0.0.1
  nonsense                  no      no
`)
test.each(addresses)('$address: strict $strict, private allowed $lax', ({ address, strict, lax }) => {
  expect(mayCall(address, false)).toBe(strict === 'yes')
  expect(mayCall(address, true)).toBe(lax === 'yes')
})

const urls = table(`
  url                                | refused
  https://example.test/hook          | -
  http://example.test:8080/hook?a=1  | -
  https://8.8.8.8/                   | -
  https://127.0.0.1/                 | url_private
  http://127.1/                      | url_private
  http://0x7f.0.0.1/                 | url_private
  http://2130706433/                 | url_private
  http://017700000001/               | url_private
  http://[::1]/                      | url_private
  http://[::ffff:7f00:1]/            | url_private
  http://169.254.169.254/latest/     | url_private
  ftp://example.test/                | url_scheme
  file:///etc/passwd                 | url_scheme
  javascript:alert(1)                | url_scheme
  https://user:pass@example.test/    | url_credentials
  https://user@example.test/         | url_credentials
  https://                           | url_invalid
  /relative                          | url_invalid
`)
test.each(urls)('$url: $refused', ({ url, refused }) => {
  const checked = checkUrl(url, false)
  expect('refused' in checked ? checked.refused : '-').toBe(refused)
})

describe('a name', () => {
  const resolveTo =
    (...addresses: string[]) =>
    (_host: string, done: (error: null, all: { address: string; family: number }[]) => void) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
  const look = (addresses: string[], all: boolean, mayBePrivate = false) =>
    new Promise((resolve, reject) => {
      guardedLookup(() => mayBePrivate, resolveTo(...addresses))('example.test', { all }, (error, address, family) =>
        error ? reject(error) : resolve(all ? address : { address, family }),
      )
    })

  test('that leads to public addresses hands them on', async () => {
    expect(await look(['8.8.8.8', '2606:4700:4700::1111'], true)).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700:4700::1111', family: 6 },
    ])
    expect(await look(['8.8.8.8'], false)).toEqual({ address: '8.8.8.8', family: 4 })
  })

  test('that leads anywhere private is refused whole', async () => {
    await expect(look(['8.8.8.8', '10.0.0.1'], true)).rejects.toMatchObject({ code: 'ERR_ADDRESS_REFUSED' })
    await expect(look(['127.0.0.1'], false)).rejects.toMatchObject({ code: 'ERR_ADDRESS_REFUSED' })
    expect(await look(['127.0.0.1'], false, true)).toEqual({ address: '127.0.0.1', family: 4 })
  })

  test('that leads nowhere is refused', async () => {
    await expect(look([], true)).rejects.toMatchObject({ code: 'ERR_ADDRESS_REFUSED' })
  })
})
