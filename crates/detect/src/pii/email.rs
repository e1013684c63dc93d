use bartizan_finding::{Confidence, Rule, RuleMeta, Severity};

use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    prefilter::Signal,
    view::{View, alnum},
};

/// The text holds an e-mail address.
///
/// ## What it finds
/// A mailbox and a host with a top-level domain, joined by `@`, within the lengths of RFC 5321. An address at a
/// domain that is reserved for documentation (RFC 2606) is shown as `info`. Names that only look like addresses,
/// such as `icon@2x.png` or `git@github.com`, are not.
/// ## Why it matters
/// An address names a person. A model that was trained on it can give it away, and removing it afterwards means
/// training again.
/// ## Example
/// `Please write to ana.lopez@example.org`
/// ## Fix
/// Remove or replace the addresses before training, or declare the asset `personal` when it is meant to hold them.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1>
/// - <https://www.rfc-editor.org/rfc/rfc2606>
#[derive(Debug, Rule)]
#[rule(code = "PII001", severity = "low", confidence = "high", controls = ["data-scan"])]
pub(crate) struct Email;

/// RFC 5321, section 4.5.3.1.
const MAX_LOCAL: usize = 64;
const MAX_HOST: usize = 255;

/// Endings of file and unit names; none is a top-level domain of the IANA root zone that people have mail at.
const NOT_A_DOMAIN: &[&str] = &[
    "bmp", "class", "conf", "cpp", "css", "csv", "dll", "docx", "exe", "gif", "gz", "html", "ico", "ini",
    "jar", "java", "jpeg", "jpg", "js", "json", "jsx", "local", "lock", "log", "mjs", "mount", "npy", "path",
    "pdf", "php", "png", "scss", "service", "slice", "socket", "sql", "svg", "swift", "tar", "target", "tgz",
    "timer", "toml", "tsx", "txt", "webp", "xml", "yaml", "yml",
];

/// Accounts and algorithm names that are written like addresses and name no person.
const NOBODY: &[&str] =
    &["git@", "@openssh.com", "@libssh.org", "@lysator.liu.se", "@users.noreply.github.com"];

impl Detector for Email {
    fn family(&self) -> Family {
        Family::PersonalData
    }

    fn rule(&self) -> &'static RuleMeta {
        Self::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::At)
    }

    fn bounds(&self) -> Bounds {
        Bounds { lead: MAX_LOCAL, max_match: MAX_LOCAL + 1 + MAX_HOST, context: 2 }
    }

    fn rank(&self) -> Rank {
        Rank::Likely
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let Some((start, end)) = address(view) else { return };
        let text = view.slice(start, end).to_ascii_lowercase();
        if NOBODY.iter().any(|name| text.starts_with(name.as_bytes()) || text.ends_with(name.as_bytes())) {
            return;
        }
        let mut hit = Hit::new(Self::META, "e-mail", start, end);
        if reserved(&text) {
            (hit.severity, hit.confidence) = (Severity::Info, Confidence::Medium);
        }
        found(hit);
    }
}

fn address(view: &View<'_>) -> Option<(usize, usize)> {
    let at = view.anchor;
    if !view.is(at + 1, alnum) {
        return None;
    }
    let mailbox = |byte: u8| alnum(byte) || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'');
    let mut start = view.back(at, MAX_LOCAL, mailbox);
    if start == at || view.was(start, mailbox) {
        return None;
    }
    while start < at && !view.is(start, |byte| alnum(byte) || byte == b'_') {
        start += 1;
    }
    let local = view.slice(start, at);
    if local.is_empty() || local.ends_with(b".") || local.windows(2).any(|pair| pair == b"..") {
        return None;
    }
    let end = host_end(view, at + 1)?;
    Some((start, end))
}

/// The end of the longest host name that starts at `start` and ends in what can be a top-level domain.
fn host_end(view: &View<'_>, start: usize) -> Option<usize> {
    let (mut label, mut best) = (start, None);
    loop {
        let end = view.run(label, 63, |byte| alnum(byte) || byte == b'-');
        if end == label || end - start > MAX_HOST {
            break;
        }
        let text = view.slice(label, end);
        let sound = !text.starts_with(b"-") && !text.ends_with(b"-");
        if sound
            && label > start
            && top_level(text)
            && !view.is(end, alnum)
            && !scale(view.slice(start, label))
        {
            best = Some(end);
        }
        if !sound || view.get(end) != Some(b'.') {
            break;
        }
        label = end + 1;
    }
    best.filter(|&end| view.get(end) != Some(b'@'))
}

fn top_level(label: &[u8]) -> bool {
    let name = label.to_ascii_lowercase();
    let letters = (2..=24).contains(&label.len()) && label.iter().all(u8::is_ascii_alphabetic);
    (letters || name.starts_with(b"xn--")) && !NOT_A_DOMAIN.iter().any(|ending| name == ending.as_bytes())
}

/// The `2x.` of `icon@2x.png`.
fn scale(host: &[u8]) -> bool {
    matches!(host, [digit, b'x', b'.'] if digit.is_ascii_digit())
}

fn reserved(address: &[u8]) -> bool {
    const HOSTS: [&str; 3] = ["example.com", "example.net", "example.org"];
    const ENDINGS: [&str; 4] = [".example", ".invalid", ".localhost", ".test"];
    let under = |host: &str| {
        address.strip_suffix(host.as_bytes()).is_some_and(|rest| rest.ends_with(b"@") || rest.ends_with(b"."))
    };
    HOSTS.into_iter().any(under) || ENDINGS.into_iter().any(|ending| address.ends_with(ending.as_bytes()))
}
