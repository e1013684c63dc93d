use std::net::{Ipv4Addr, Ipv6Addr};

use bartizan_finding::{Rule, RuleMeta};

use super::context;
use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    prefilter::Signal,
    view::{View, alnum, digit, word},
};

/// The text holds a public IP address.
///
/// ## What it finds
/// IPv4 and IPv6 addresses that are routed on the Internet. Private, loopback, documentation and multicast ranges
/// and the well-known resolvers name no one and are left out; so is what rather looks like a version number.
/// ## Why it matters
/// An address can lead to a person (Court of Justice of the EU, C-582/14), or to a host that an attacker would
/// like to know of.
/// ## Example
/// `Accepted publickey for ana from 93.184.216.34 port 51514`
/// ## Fix
/// Truncate or replace the addresses, or declare the asset `personal` when it is meant to hold them.
/// ## References
/// - <https://curia.europa.eu/juris/liste.jsf?num=C-582/14>
/// - <https://www.iana.org/assignments/iana-ipv4-special-registry>
/// - <https://www.iana.org/assignments/iana-ipv6-special-registry>
#[derive(Debug, Rule)]
#[rule(code = "PII004", severity = "info", confidence = "medium", controls = ["data-scan"])]
pub(crate) struct IpAddress;

/// Finds IPv4 addresses.
#[derive(Debug)]
pub(crate) struct IpV4;

/// Finds IPv6 addresses.
#[derive(Debug)]
pub(crate) struct IpV6;

const WORDS: &[&str] =
    &["ip", "addr", "host", "server", "client", "from", "ping", "peer", "gateway", "listen"];

/// Public resolvers that stand in every tutorial.
const RESOLVERS: &[[u8; 4]] =
    &[[1, 1, 1, 1], [1, 0, 0, 1], [8, 8, 8, 8], [8, 8, 4, 4], [9, 9, 9, 9], [4, 2, 2, 2]];

impl Detector for IpV4 {
    fn family(&self) -> Family {
        Family::PersonalData
    }

    fn rule(&self) -> &'static RuleMeta {
        IpAddress::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::Octet)
    }

    fn bounds(&self) -> Bounds {
        Bounds { lead: 0, max_match: 15, context: 24 }
    }

    fn rank(&self) -> Rank {
        Rank::Likely
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let start = view.anchor;
        if view.was(start, |byte| word(byte) || matches!(byte, b'.' | b'-' | b'+')) {
            return;
        }
        let Some((octets, end)) = octets(view, start) else { return };
        let more = view.is(end, |byte| matches!(byte, b'.' | b'-')) && view.is(end + 1, alnum);
        if view.is(end, word) || more || !public(octets) {
            return;
        }
        // Four small numbers are a version far more often than an address.
        if octets.iter().all(|octet| *octet <= 30) && !context::before(view, start, 24, WORDS) {
            return;
        }
        found(Hit::new(IpAddress::META, "ip-address", start, end));
    }
}

fn octets(view: &View<'_>, start: usize) -> Option<([u8; 4], usize)> {
    let mut octets = [0; 4];
    let mut at = start;
    for (i, octet) in octets.iter_mut().enumerate() {
        if i > 0 {
            if view.get(at)? != b'.' {
                return None;
            }
            at += 1;
        }
        let end = view.run(at, 3, digit);
        let text = view.slice(at, end);
        if text.is_empty() || text.len() > 1 && text[0] == b'0' {
            return None;
        }
        *octet = u8::try_from(text.iter().fold(0_u32, |sum, byte| sum * 10 + u32::from(byte - b'0'))).ok()?;
        at = end;
    }
    Some((octets, at))
}

/// Not in the special-purpose registry of IANA, and no well-known resolver.
fn public(octets: [u8; 4]) -> bool {
    let address = Ipv4Addr::from(octets);
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || matches!(octets, [0 | 240.., ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [198, 18 | 19, ..]);
    // A host's last octet is never 0 in practice; a network's or a version's is.
    !special && octets[3] != 0 && !RESOLVERS.contains(&octets)
}

impl Detector for IpV6 {
    fn family(&self) -> Family {
        Family::PersonalData
    }

    fn rule(&self) -> &'static RuleMeta {
        IpAddress::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::Colon)
    }

    fn bounds(&self) -> Bounds {
        Bounds { lead: 4, max_match: 39, context: 2 }
    }

    fn rank(&self) -> Rank {
        Rank::Likely
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        // Global unicast starts with four digits, so the anchor is the first colon of the address.
        let start = view.back(view.anchor, 4, |byte| byte.is_ascii_hexdigit());
        if view.anchor - start != 4
            || view.was(start, |byte| word(byte) || matches!(byte, b':' | b'.' | b'-'))
        {
            return;
        }
        let end = view.run(start, 40, |byte| byte.is_ascii_hexdigit() || byte == b':');
        let trimmed = if view.was(end, |byte| byte == b':') && !view.stands(end.saturating_sub(2), b"::") {
            end - 1
        } else {
            end
        };
        if view.is(end, |byte| word(byte) || byte == b'.') && view.is(end + 1, alnum) || view.is(end, word) {
            return;
        }
        let text = std::str::from_utf8(view.slice(start, trimmed)).unwrap_or_default();
        let Ok(address) = text.parse::<Ipv6Addr>() else { return };
        let segments = address.segments();
        let special = matches!(segments, [0x2001, 0xdb8 | 0..=0x1ff, ..] | [0x3fff, 0..=0xfff, ..]);
        let global = (0x2000..=0x3fff).contains(&segments[0]);
        if global && !special {
            found(Hit::new(IpAddress::META, "ip-address", start, trimmed));
        }
    }
}
