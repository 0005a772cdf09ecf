//! Which addresses lie on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressClass {
    /// Anybody's, on the internet.
    Public,
    /// Ours or nobody's, with the reason in plain words.
    NotPublic(&'static str),
}

/// Says what `address` is for, by IANA's special-purpose registries (RFC 6890 and after). An IPv6 address that carries
/// an IPv4 one (mapped, NAT64, 6to4, Teredo, ISATAP) is judged by what it carries.
pub fn classify(address: IpAddr) -> AddressClass {
    let reason = match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    };
    reason.map_or(AddressClass::Public, AddressClass::NotPublic)
}

fn v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [0, ..] => Some("unspecified"),
        [127, ..] => Some("loopback"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("private"),
        [169, 254, ..] => Some("link-local"),
        [100, 64..=127, ..] => Some("shared (carrier NAT)"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some("documentation"),
        [198, 18 | 19, ..] => Some("benchmarking"),
        // 192.0.0.0/24 are protocol assignments, 192.88.99.0/24 is the dead 6to4 relay.
        [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => Some("reserved"),
        [224..=239, ..] => Some("multicast"),
        _ => None,
    }
}

#[expect(clippy::match_same_arms, reason = "one line per registry entry, first match wins")]
fn v6(address: Ipv6Addr) -> Option<&'static str> {
    let segments = address.segments();
    let [.., high, low] = segments;
    let carried = embedded(high, low);
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("loopback"),
        [0, 0, 0, 0, 0, 0xffff, ..] => v4(carried),    // mapped (RFC 4291)
        [0, 0, 0, 0, 0xffff, 0, ..] => v4(carried),    // translated (RFC 2765)
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => v4(carried), // NAT64, the well-known prefix (RFC 6052)
        [0x64, 0xff9b, ..] => Some("private"),         // NAT64 into somebody's own network (RFC 8215)
        [0x2002, high, low, ..] => v4(embedded(high, low)), // 6to4 (RFC 3056)
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => Some("documentation"),
        [0x2001, 0..=0x1ff, ..] => Some("reserved"), // Teredo, ORCHID and other protocols
        [0x2000..=0x3fff, _, _, _, 0 | 0x200, 0x5efe, ..] => v4(carried), // ISATAP (RFC 5214)
        [0x2000..=0x3fff, ..] => None,               // all that has been handed out
        [0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] => Some("private"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        _ => Some("reserved"),
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_not_public_are_known() {
        // SEC-33
        let table = [
            ("0.0.0.0", "unspecified"),
            ("0.1.2.3", "unspecified"),
            ("127.0.0.1", "loopback"),
            ("127.255.255.254", "loopback"),
            ("10.0.0.1", "private"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.168.1.1", "private"),
            ("169.254.169.254", "link-local"),
            ("100.64.0.1", "shared (carrier NAT)"),
            ("100.127.255.255", "shared (carrier NAT)"),
            ("192.0.0.8", "reserved"),
            ("192.0.2.1", "documentation"),
            ("198.51.100.1", "documentation"),
            ("203.0.113.1", "documentation"),
            ("198.18.0.1", "benchmarking"),
            ("198.19.255.255", "benchmarking"),
            ("192.88.99.1", "reserved"),
            ("224.0.0.1", "multicast"),
            ("239.255.255.255", "multicast"),
            ("240.0.0.1", "reserved"),
            ("255.255.255.255", "reserved"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("::ffff:127.0.0.1", "loopback"),
            ("::ffff:169.254.169.254", "link-local"),
            ("::ffff:0:10.0.0.1", "private"),
            ("::127.0.0.1", "reserved"),
            ("64:ff9b::10.0.0.1", "private"),
            ("64:ff9b::169.254.169.254", "link-local"),
            ("64:ff9b:1::1", "private"),
            ("2002:7f00:1::1", "loopback"),
            ("2002:a9fe:a9fe::", "link-local"),
            ("2001::1", "reserved"),
            ("2001:db8::1", "documentation"),
            ("3fff::1", "documentation"),
            ("2600::5efe:10.0.0.1", "private"),
            ("fc00::1", "private"),
            ("fdff::1", "private"),
            ("fe80::1", "link-local"),
            ("fec0::1", "private"),
            ("ff02::1", "multicast"),
            ("100::1", "reserved"),
            ("4000::1", "reserved"),
        ];
        for (address, reason) in table {
            assert_eq!(
                classify(address.parse().unwrap()),
                AddressClass::NotPublic(reason),
                "{address}"
            );
        }
    }

    #[test]
    fn public_addresses_pass_also_when_carried() {
        let table = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "223.255.255.255",
            "2600:1f14::1",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::1",
        ];
        for address in table {
            assert_eq!(classify(address.parse().unwrap()), AddressClass::Public, "{address}");
        }
    }
}
