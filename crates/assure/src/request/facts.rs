//! A request as facts of a statement, `decision.*`, and back. What is not understood is refused: whoever agrees must
//! have seen all of what is asked.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{Digest, LossKind};
use serde_json::{Map, Value, json};

use super::{Asked, ClaimScope, DecisionKind, ExceptionScope, LossItem, MAX_LOSSES, Request};
use crate::{ClaimKind, reading::printable};

/// What the facts of a request start with.
const PREFIX: &str = "decision.";

impl Request {
    /// The facts that say it in a statement.
    pub fn to_facts(&self) -> BTreeMap<String, Value> {
        let mut facts = BTreeMap::new();
        let mut put = |name: &str, value: Option<Value>| {
            facts.extend(value.map(|value| (format!("{PREFIX}{name}"), value)));
        };
        put("kind", Some(json!(self.kind().as_str())));
        put("reason", Some(json!(self.reason)));
        put("owner", Some(json!(self.owner)));
        put("compensating", self.compensating.as_ref().map(|text| json!(text)));
        put("expires", Some(json!(self.expires)));
        match &self.asked {
            Asked::Exception(scope) => {
                put("rule", scope.rule.as_ref().map(|rule| json!(rule.to_string())));
                put("fingerprint", scope.fingerprint.map(|digest| json!(digest.hex())));
                put("asset", scope.asset.as_ref().map(|asset| json!(asset)));
                put("place", scope.place.as_ref().map(|place| json!(place)));
                put("control", scope.control.as_ref().map(|control| json!(control)));
                put("subject", scope.subject.map(|digest| json!(digest)));
                put("route", scope.route.as_ref().map(|route| json!(route)));
                put("cell", scope.cell.as_ref().map(|cell| json!(cell)));
            }
            Asked::Loss(items) => {
                let items: Vec<_> = items.iter().map(LossItem::to_fact).collect();
                put("losses", Some(json!(items)));
            }
            Asked::BreakGlass { gate, asset } => {
                put("gate", Some(json!(gate)));
                put("asset", asset.as_ref().map(|asset| json!(asset)));
            }
            Asked::Claim(scope) => {
                put("control", Some(json!(scope.control)));
                put("claim", Some(json!(scope.kind)));
                put("subject", scope.subject.map(|digest| json!(digest)));
                put("supplier", scope.supplier.map(|digest| json!(digest)));
            }
        }
        facts
    }

    /// Reads the facts of a statement. Facts with other names than `decision.*` are passed over.
    ///
    /// # Errors
    /// Says what is wrong, as a fragment that reads well after a colon: a fact that is missing, of another type, not
    /// known or not one of this kind of decision, and whatever [`Request::fault`] finds wrong at any time.
    pub fn from_facts(facts: &BTreeMap<String, Value>) -> Result<Self, String> {
        let own = facts.iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
        let mut reader = Reader(own.collect());
        let kind = reader.text("kind")?;
        let asked = match DecisionKind::from_name(kind) {
            Some(DecisionKind::Exception) => Asked::Exception(ExceptionScope {
                rule: reader.parsed("rule")?,
                fingerprint: reader.fingerprint()?,
                asset: reader.parsed("asset")?,
                place: reader.maybe("place")?.map(str::to_owned),
                control: reader.parsed("control")?,
                subject: reader.parsed("subject")?,
                route: reader.maybe("route")?.map(str::to_owned),
                cell: reader.maybe("cell")?.map(str::to_owned),
            }),
            Some(DecisionKind::Loss) => Asked::Loss(reader.losses()?),
            Some(DecisionKind::BreakGlass) => {
                Asked::BreakGlass { gate: reader.needed("gate")?, asset: reader.parsed("asset")? }
            }
            Some(DecisionKind::Claim) => Asked::Claim(ClaimScope {
                control: reader.needed("control")?,
                kind: reader.claim()?,
                subject: reader.parsed("subject")?,
                supplier: reader.parsed("supplier")?,
            }),
            None => return Err(format!("no kind of decision is called `{}`", printable(kind, 40))),
        };
        let request = Self {
            asked,
            reason: reader.text("reason")?.to_owned(),
            owner: reader.needed("owner")?,
            compensating: reader.maybe("compensating")?.map(str::to_owned),
            expires: reader.needed("expires")?,
        };
        reader.nothing_left(request.kind())?;
        request.shape().map_or(Ok(request), |fault| Err(fault.to_owned()))
    }
}

impl LossItem {
    fn to_fact(&self) -> Value {
        let mut fact = Map::new();
        fact.insert("kind".to_owned(), json!(self.kind.as_str()));
        fact.insert("id".to_owned(), json!(self.id));
        if let Some(digest) = self.digest {
            fact.insert("digest".to_owned(), json!(digest));
        }
        fact.into()
    }

    fn from_fact(fact: &Value) -> Option<Self> {
        let fact = fact.as_object()?;
        let known = |name: &String| matches!(name.as_str(), "kind" | "id" | "digest");
        let digest = match fact.get("digest") {
            Some(digest) => Some(digest.as_str()?.parse::<Digest>().ok()?),
            None => None,
        };
        let kind = LossKind::from_name(fact.get("kind")?.as_str()?)?;
        let id = fact.get("id")?.as_str()?.to_owned();
        fact.keys().all(known).then_some(Self { kind, id, digest })
    }
}

/// The `decision.*` facts that nobody has read yet.
struct Reader<'f>(BTreeMap<&'f str, &'f Value>);

impl<'f> Reader<'f> {
    fn maybe(&mut self, name: &str) -> Result<Option<&'f str>, String> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| format!("its `{PREFIX}{name}` is not a text"))
    }

    fn text(&mut self, name: &str) -> Result<&'f str, String> {
        self.maybe(name)?.ok_or_else(|| format!("it does not say `{PREFIX}{name}`"))
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>, String> {
        let parse = |text: &str| text.parse().map_err(|_| malformed(name, text));
        self.maybe(name)?.map(parse).transpose()
    }

    fn needed<T: std::str::FromStr>(&mut self, name: &str) -> Result<T, String> {
        self.parsed(name)?.ok_or_else(|| format!("it does not say `{PREFIX}{name}`"))
    }

    /// A fingerprint is written as reports show it, without the name of its algorithm.
    fn fingerprint(&mut self) -> Result<Option<Digest>, String> {
        let Some(text) = self.maybe("fingerprint")? else { return Ok(None) };
        let bare = !text.contains(':');
        text.parse().ok().filter(|_| bare).map(Some).ok_or_else(|| malformed("fingerprint", text))
    }

    fn claim(&mut self) -> Result<ClaimKind, String> {
        match self.text("claim")? {
            "not-applicable" => Ok(ClaimKind::NotApplicable),
            "inherited" => Ok(ClaimKind::Inherited),
            other => Err(malformed("claim", other)),
        }
    }

    fn losses(&mut self) -> Result<BTreeSet<LossItem>, String> {
        let listed = self.0.remove("losses").ok_or_else(|| format!("it does not say `{PREFIX}losses`"))?;
        let items = listed.as_array().ok_or_else(|| format!("its `{PREFIX}losses` is not a list"))?;
        if items.len() > MAX_LOSSES {
            return Err("it names more than 256 losses".to_owned());
        }
        let read: Option<BTreeSet<_>> = items.iter().map(LossItem::from_fact).collect();
        let read =
            read.ok_or_else(|| format!("an entry of its `{PREFIX}losses` is not a kind with an id"))?;
        if read.len() == items.len() { Ok(read) } else { Err("it names a loss twice".to_owned()) }
    }

    fn nothing_left(&self, kind: DecisionKind) -> Result<(), String> {
        let what = match kind {
            DecisionKind::Exception => "an exception",
            DecisionKind::Loss => "a loss",
            DecisionKind::BreakGlass => "a break-glass",
            DecisionKind::Claim => "a claim",
        };
        self.0.keys().next().map_or(Ok(()), |name| {
            Err(format!("its `{PREFIX}{}` means nothing to {what}", printable(name, 40)))
        })
    }
}

fn malformed(name: &str, text: &str) -> String {
    format!("its `{PREFIX}{name}` cannot be `{}`", printable(text, 80))
}
