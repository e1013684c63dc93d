//! Values that are strings in the project file and more than strings here: parsed once, valid ever after.

use std::{borrow::Cow, fmt};

use bartizan_finding::{ActorId, AssetId, Digest, ElementId, GateId, GroupId, RuleCode};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::{read::Value, words::Verb};

/// The pattern of every id, for the schema; [`bartizan_finding::BadId`] says it in words.
pub(crate) const ID_PATTERN: &str = "^[a-z0-9][a-z0-9_.-]{0,63}$";

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident is $what:literal matching $pattern:expr, quoted $quoted:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }

        impl Value for $name {
            const WHAT: &'static str = $what;
            const QUOTED: bool = $quoted;

            fn read(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }
    )*};
}

texts! {
    /// The id of a zone; `internet`, `partner`, `internal` and `restricted` need no entry.
    ZoneId is "an id (1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit)"
        matching ID_PATTERN, quoted true;
    /// A path relative to the folder of the project file, with `/`, that does not leave it. A `/` at the end
    /// stands for a folder.
    RelPath is "a path relative to the project file, with `/`, without `..`"
        matching r"^(?!/)(?![A-Za-z]:)(?!(?:.*/)?\.\.(?:/|$))[^\\\u0000-\u001f\u007f-\u009f]{1,1024}$", quoted true;
    /// A pattern over paths: `*` stands for anything within one name, `**` for any folders, `?` for one character.
    PathPattern is "a path pattern relative to the project file, with `/`, without `..`"
        matching r"^(?!/)(?![A-Za-z]:)(?!(?:.*/)?\.\.(?:/|$))[^\\\u0000-\u001f\u007f-\u009f]{1,1024}$", quoted true;
    /// Someone in a group, by e-mail address; a person is their own subject of evidence.
    Member is "an e-mail address"
        matching r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$", quoted false;
    /// The fingerprint of a public key: `SHA256:` and the unpadded base64 of the SHA-256 of its SPKI form.
    Fingerprint is "a key fingerprint (`SHA256:` and 43 characters of base64)"
        matching "^SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]$", quoted true;
    /// An absolute `https` or `http` address without credentials.
    Url is "an address that starts with https:// or http:// and holds no credentials"
        matching r"^https?://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?([/?#][!-~]*)?$", quoted false;
    /// An SPDX licence expression, such as `Apache-2.0` or `LicenseRef-proprietary`.
    Licence is "an SPDX licence expression"
        matching r"^[A-Za-z0-9(][A-Za-z0-9.+():/ -]{0,199}$", quoted true;
    /// A model that someone else hosts, as `provider/name`.
    HostedModel is "a hosted model as provider/name"
        matching r"^[a-z0-9][a-z0-9.-]{0,63}/[A-Za-z0-9][A-Za-z0-9._:/@-]{0,191}$", quoted true;
}

impl ZoneId {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        // One rule for all ids: whatever can name an element can name a zone.
        text.parse::<ElementId>().ok().map(|_| Self(text.to_owned()))
    }
}

impl RelPath {
    /// Reads a path: relative, with `/`, no `..`, no backslash, no drive letter, no control characters, at most
    /// 1024 bytes. A `./` at the start is dropped.
    pub fn parse(text: &str) -> Option<Self> {
        inside(text).then(|| {
            let bare = text.trim_start_matches("./");
            Self(if bare.is_empty() { "." } else { bare }.to_owned())
        })
    }

    /// Whether it names a folder by its `/` at the end, or is the project's own folder.
    pub fn is_folder(&self) -> bool {
        self.0.ends_with('/') || self.0 == "."
    }
}

impl PathPattern {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        inside(text).then(|| Self(text.trim_start_matches("./").to_owned()))
    }

    /// Whether `path` (relative, with `/`) matches. Takes time at most in proportion to both lengths multiplied.
    pub fn matches(&self, path: &str) -> bool {
        let pattern: Vec<&str> = self.0.split('/').collect();
        let names: Vec<&str> = path.split('/').collect();
        wild(
            &pattern,
            &names,
            |part| *part == "**",
            |part, name| {
                let (part, name): (Vec<char>, Vec<char>) = (part.chars().collect(), name.chars().collect());
                wild(&part, &name, |c| *c == '*', |pattern, c| *pattern == '?' || pattern == c)
            },
        )
    }
}

/// Matches with one kind of wildcard that swallows any number of items, by going back only to the last one.
fn wild<P, T>(pattern: &[P], items: &[T], any: impl Fn(&P) -> bool, one: impl Fn(&P, &T) -> bool) -> bool {
    let (mut p, mut i, mut retry) = (0, 0, None);
    while i < items.len() {
        if p < pattern.len() && any(&pattern[p]) {
            retry = Some((p, i));
            p += 1;
        } else if p < pattern.len() && one(&pattern[p], &items[i]) {
            p += 1;
            i += 1;
        } else if let Some((star, from)) = retry {
            retry = Some((star, from + 1));
            p = star + 1;
            i = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(any)
}

fn inside(text: &str) -> bool {
    let drive =
        text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && text.as_bytes().get(1) == Some(&b':');
    let plain = !text.chars().any(|c| c == '\\' || c.is_control());
    (1..=1024).contains(&text.chars().count())
        && plain
        && !drive
        && !text.starts_with('/')
        && text.split('/').all(|name| name != "..")
}

impl Member {
    fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        let local_ok = (1..=64).contains(&local.len())
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(&b));
        let label = |label: &str| {
            (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let domain_ok = domain.contains('.') && domain.split('.').all(label);
        (local_ok && domain_ok).then(|| Self(text.to_owned()))
    }
}

impl Fingerprint {
    fn parse(text: &str) -> Option<Self> {
        let base64 = text.strip_prefix("SHA256:")?.as_bytes();
        let digits = base64.iter().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(b));
        // 32 bytes leave four bits in the last of 43 digits; the two below them must be zero.
        let last = base64.last().is_some_and(|b| b"AEIMQUYcgkosw048".contains(b));
        (base64.len() == 43 && digits && last).then(|| Self(text.to_owned()))
    }
}

impl Url {
    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let (host, tail) = rest.find(['/', '?', '#']).map_or((rest, ""), |at| rest.split_at(at));
        let (name, port) = host.split_once(':').unwrap_or((host, "0"));
        let name_ok = name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
        let port_ok = (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
        let tail_ok = tail.bytes().all(|b| b.is_ascii_graphic());
        (name_ok && port_ok && tail_ok && text.len() <= 2048).then(|| Self(text.to_owned()))
    }
}

impl Licence {
    fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let first = bytes.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'(');
        let rest = bytes.iter().all(|b| b.is_ascii_alphanumeric() || b".+():/ -".contains(b));
        (first && rest && bytes.len() <= 200).then(|| Self(text.to_owned()))
    }
}

impl HostedModel {
    fn parse(text: &str) -> Option<Self> {
        let (provider, name) = text.split_once('/')?;
        let provider_ok = provider.len() <= 64
            && provider.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b))
            && provider.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        let name_ok = name.len() <= 192
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/@-".contains(&b))
            && name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        (provider_ok && name_ok).then(|| Self(text.to_owned()))
    }
}

/// What an element does to the world: a verb and a resource, as `write:refunds`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Effect {
    /// What it does.
    pub verb: Verb,
    /// To what: 1 to 64 of a-z, 0-9, `-`, `_`, `.` and `*`.
    pub resource: String,
}

impl Value for Effect {
    const WHAT: &'static str = "an effect as verb:resource, such as write:refunds";

    fn read(text: &str) -> Option<Self> {
        let (verb, resource) = text.split_once(':')?;
        let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.*".contains(&b);
        let ok = (1..=64).contains(&resource.len()) && resource.bytes().all(byte);
        ok.then_some(Self { verb: Verb::read(verb)?, resource: resource.to_owned() })
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.verb, self.resource)
    }
}

impl Serialize for Effect {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Effect {
    fn schema_name() -> Cow<'static, str> {
        "Effect".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A verb and a resource, such as `write:refunds`.",
            "pattern": format!("^({}):[a-z0-9_.*-]{{1,64}}$", Verb::WORDS.join("|")),
        })
    }
}

/// Names a flow: `from>to`; a second flow between the same two is `from>to#2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FlowId(String);

impl FlowId {
    /// The `nth` flow (from 1) between two elements.
    pub fn new(from: &ElementId, to: &ElementId, nth: usize) -> Self {
        Self(if nth < 2 { format!("{from}>{to}") } else { format!("{from}>{to}#{nth}") })
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

macro_rules! id_values {
    ($($name:ident)*) => {$(
        impl Value for $name {
            const WHAT: &'static str =
                "an id (1 to 64 of a-z, 0-9, `-`, `_` and `.`, starting with a letter or digit)";

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

id_values! { GroupId ActorId AssetId ElementId GateId }

impl Value for Digest {
    const WHAT: &'static str = "a digest (`sha256:` and 64 hexadecimal digits)";

    fn read(text: &str) -> Option<Self> {
        text.starts_with("sha256:").then(|| text.parse().ok())?
    }
}

impl Value for RuleCode {
    const WHAT: &'static str = "a rule code, such as PII003";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Which threats a treatment speaks of, as `THR003`, `THR003/orders-api` or the id of one threat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreatScope {
    /// The rule.
    pub rule: RuleCode,
    /// The element, flow or asset at the end of the threat's path; none for every threat of the rule.
    pub target: Option<String>,
}

impl Value for ThreatScope {
    const WHAT: &'static str = "a threat as THR003 or THR003/element";

    fn read(text: &str) -> Option<Self> {
        let (code, target) = text.split_once('/').map_or((text, None), |(code, target)| (code, Some(target)));
        let rule: RuleCode = code.parse().ok()?;
        let target_ok = target.is_none_or(|target| target.parse::<ElementId>().is_ok());
        (rule.family() == "THR" && target_ok).then(|| Self { rule, target: target.map(str::to_owned) })
    }
}

impl fmt::Display for ThreatScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Some(target) => write!(f, "{}/{target}", self.rule),
            None => write!(f, "{}", self.rule),
        }
    }
}

impl Serialize for ThreatScope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
