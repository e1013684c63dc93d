//! Text to model: every entry is read for itself, so that one look at the faults is enough to mend them all.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{ActorId, AssetId, ElementId, GateId, GroupId};
use toml::de::{DeTable, DeValue};
use toml_parser::{Source, lexer::TokenKind};

use crate::{
    fault::Fault,
    model::{
        Actor, Asset, BUILT_IN_ZONES, Element, Flow, Gate, Group, Ignore, LimitSet, Limits, Project,
        Source as AssetSource, Treatment, TrustPins, Zone, built_in_trust,
    },
    read::{MAX_TEXT, Reader, Table, Target},
    values::{FlowId, RelPath, ThreatScope, ZoneId},
    words::{
        ActorKind, Approval, AssetKind, Classification, Decision, ElementKind, GroupRole, Isolation,
        ProjectRole, ZoneTrust,
    },
};

/// The only version of the format so far.
pub const FORMAT: u32 = 1;

/// There are at most this many entries under one name: more than any system that people describe, and few enough
/// that whatever is derived from them ends soon.
pub const MAX_ENTRIES: usize = 4000;

/// There are at most this many elements.
pub const MAX_ELEMENTS: usize = 2000;

/// There are at most this many flows.
pub const MAX_FLOWS: usize = 10_000;

/// A dotted key has at most this many parts. The TOML parser bounds the nesting of values but not of keys, and a
/// key of a hundred thousand parts becomes as many nested tables.
const MAX_KEY_PARTS: usize = 16;

/// What came out of reading a project file.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The project, when nothing is wrong.
    pub project: Option<Project>,
    /// Everything that is wrong, in the order of the file.
    pub faults: Vec<Fault>,
}

/// Reads the text of a project file. Never fails: what is wrong is in [`Parsed::faults`], all of it at once.
pub fn parse(text: &str) -> Parsed {
    let mut reader = Reader::new(text);
    let project = if too_deep(text, &mut reader) { None } else { read(text, &mut reader) };
    let (faults, spans) = reader.into_faults();
    let project = project.filter(|_| faults.is_empty()).map(|project| Project { spans, ..project });
    Parsed { project, faults }
}

/// Whether a dotted key is longer than any sane one; then the text is not parsed at all.
fn too_deep(text: &str, reader: &mut Reader<'_>) -> bool {
    let mut dots = 0;
    for token in Source::new(text).lex() {
        match token.kind() {
            TokenKind::Dot => dots += 1,
            // A key stands between two of these; everything else may be part of one.
            TokenKind::Equals
            | TokenKind::Comma
            | TokenKind::Newline
            | TokenKind::LeftSquareBracket
            | TokenKind::LeftCurlyBracket => dots = 0,
            _ => {}
        }
        if dots >= MAX_KEY_PARTS {
            let span = token.span().start()..token.span().end();
            let expected = format!("at most {MAX_KEY_PARTS} parts");
            reader.fault(span, "", "a dotted key has too many parts", expected);
            return true;
        }
    }
    false
}

fn read(text: &str, reader: &mut Reader<'_>) -> Option<Project> {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let (message, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), ""));
        reader.fault(error.span().unwrap_or(0..0), "", message, expected);
    }
    let mut root = reader.open(String::new(), 0..0, document.get_ref());
    format(reader, &mut root);
    let head = head(reader, &mut root);
    let trust = trust(reader, &mut root);
    let groups = entries(reader, &mut root, "group", group);
    let actors = entries(reader, &mut root, "actor", actor);
    let zones = entries(reader, &mut root, "zone", zone);
    let assets = entries(reader, &mut root, "asset", asset);
    let elements = entries(reader, &mut root, "element", element);
    let flows = flows(reader, &mut root);
    let treatments = list(reader, &mut root, "treatment", treatment);
    let ignores = list(reader, &mut root, "ignore", ignore);
    let gates = entries(reader, &mut root, "gate", gate);
    reader.finish(&root);
    reader.resolve(&declared(document.get_ref()));
    acyclic(reader, &assets);
    let (name, purpose, role, baselines) = head?;
    Some(Project {
        name,
        purpose,
        role,
        baselines,
        trust,
        groups,
        actors,
        zones,
        assets,
        elements,
        flows,
        treatments,
        ignores,
        gates,
        spans: BTreeMap::new(),
    })
}

fn entries<K, V>(
    reader: &mut Reader<'_>,
    root: &mut Table<'_, '_>,
    name: &'static str,
    read: impl Fn(&mut Reader<'_>, &K, &mut Table<'_, '_>) -> Option<V>,
) -> BTreeMap<K, V>
where
    K: crate::read::Value + Ord,
{
    let mut entries = BTreeMap::new();
    let tables = reader.named::<K>(root, name);
    let max = if name == "element" { MAX_ELEMENTS } else { MAX_ENTRIES };
    if let Some((_, first)) = tables.get(max) {
        too_many(reader, first, name, max);
    }
    for (id, mut table) in tables.into_iter().take(max) {
        let entry = read(reader, &id, &mut table);
        reader.finish(&table);
        if let Some(entry) = entry {
            entries.insert(id, entry);
        }
    }
    entries
}

fn list<V>(
    reader: &mut Reader<'_>,
    root: &mut Table<'_, '_>,
    name: &'static str,
    read: impl Fn(&mut Reader<'_>, &mut Table<'_, '_>) -> Option<V>,
) -> Vec<V> {
    let mut entries = Vec::new();
    let tables = reader.listed(root, name);
    let max = if name == "flow" { MAX_FLOWS } else { MAX_ENTRIES };
    if let Some(first) = tables.get(max) {
        too_many(reader, first, name, max);
    }
    for mut table in tables.into_iter().take(max) {
        let entry = read(reader, &mut table);
        reader.finish(&table);
        entries.extend(entry);
    }
    entries
}

fn too_many(reader: &mut Reader<'_>, first: &Table<'_, '_>, name: &str, max: usize) {
    let message = format!("there are too many entries of `{name}`");
    reader.fault(first.span.clone(), &first.key, message, format!("at most {max}; the rest is not read"));
}

fn format(reader: &mut Reader<'_>, root: &mut Table<'_, '_>) {
    reader.missing(root, "format", "`format = 1` as the first line");
    if let Some(number) = reader.count(root, "format")
        && number != FORMAT
    {
        let span = reader.spans.get("format").map_or(0..0, |span| span.start..span.end);
        reader.fault(span, "format", format!("format {number} is not known to this version"), "`1`");
    }
}

type Head = (String, String, ProjectRole, BTreeSet<crate::words::Baseline>);

fn head(reader: &mut Reader<'_>, root: &mut Table<'_, '_>) -> Option<Head> {
    reader.missing(root, "project", "a table [project] with a name");
    let (value, key) = reader.get(root, "project")?;
    let mut table = reader.table(key, value)?;
    reader.missing(&table, "name", "a name of 1 to 80 characters");
    let name = reader.line(&mut table, "name", 80);
    let purpose = reader.text(&mut table, "purpose", MAX_TEXT).unwrap_or_default();
    let role = reader.value(&mut table, "role").unwrap_or(ProjectRole::SystemProducer);
    let baselines = reader.set(&mut table, "baselines");
    reader.finish(&table);
    Some((name?, purpose, role, baselines))
}

fn trust(reader: &mut Reader<'_>, root: &mut Table<'_, '_>) -> TrustPins {
    let table = reader.get(root, "trust").and_then(|(value, key)| reader.table(key, value));
    let Some(mut table) = table else { return TrustPins::default() };
    let pins = TrustPins { root: reader.value(&mut table, "root"), log: reader.value(&mut table, "log") };
    reader.finish(&table);
    pins
}

fn group(reader: &mut Reader<'_>, _: &GroupId, table: &mut Table<'_, '_>) -> Option<Group> {
    reader.need::<GroupRole>(table, "role");
    let role = reader.value(table, "role");
    let members = reader.set(table, "members");
    let trains = reader.refer_all(table, "trains", Target::Asset);
    let description = reader.text(table, "description", MAX_TEXT);
    Some(Group { role: role?, members, trains, description })
}

fn actor(reader: &mut Reader<'_>, _: &ActorId, table: &mut Table<'_, '_>) -> Option<Actor> {
    reader.need::<ActorKind>(table, "kind");
    let kind: Option<ActorKind> = reader.value(table, "kind");
    let capability = reader.value(table, "capability");
    let access = reader.refer_all(table, "access", Target::Element);
    let description = reader.text(table, "description", MAX_TEXT);
    let kind = kind?;
    Some(Actor { kind, capability: capability.unwrap_or(kind.default_capability()), access, description })
}

fn zone(reader: &mut Reader<'_>, id: &ZoneId, table: &mut Table<'_, '_>) -> Option<Zone> {
    reader.need::<ZoneTrust>(table, "trust");
    let trust = reader.value(table, "trust");
    let description = reader.text(table, "description", MAX_TEXT);
    if let (Some(built_in), Some(trust)) = (built_in_trust(id.as_str()), trust)
        && built_in != trust
    {
        // Otherwise one line far down could make the internet an inner zone.
        let span = table.span.clone();
        let key = table.key.clone();
        reader.fault(
            span,
            &key,
            format!("`{id}` is built in with trust `{built_in}`"),
            "another name for the zone",
        );
    }
    Some(Zone { trust: trust?, description })
}

fn asset(reader: &mut Reader<'_>, _: &AssetId, table: &mut Table<'_, '_>) -> Option<Asset> {
    reader.need::<AssetKind>(table, "kind");
    let kind = reader.value(table, "kind");
    let path = reader.value(table, "path");
    let digest = reader.value(table, "digest");
    let owner = reader.refer(table, "owner", Target::Group);
    let classification = reader.value(table, "classification").unwrap_or(Classification::Internal);
    let source = source(reader, table);
    let derived_from = reader.refer_all(table, "derived_from", Target::Asset);
    let model = reader.value(table, "model");
    let description = reader.text(table, "description", MAX_TEXT);
    Some(Asset { kind: kind?, path, digest, owner, classification, source, derived_from, model, description })
}

fn source(reader: &mut Reader<'_>, table: &mut Table<'_, '_>) -> Option<AssetSource> {
    let (value, key) = reader.get(table, "source")?;
    let mut table = reader.table(key, value)?;
    let source =
        AssetSource { url: reader.value(&mut table, "url"), licence: reader.value(&mut table, "licence") };
    reader.finish(&table);
    Some(source)
}

fn element(reader: &mut Reader<'_>, _: &ElementId, table: &mut Table<'_, '_>) -> Option<Element> {
    reader.need::<ElementKind>(table, "kind");
    let kind: Option<ElementKind> = reader.value(table, "kind");
    let zone: Option<ZoneId> = reader.refer(table, "zone", Target::Zone);
    let serves = reader.refer_all(table, "serves", Target::Asset);
    let uses = reader.refer_all(table, "uses", Target::Asset);
    let effects = reader.set(table, "effects");
    let approval = reader.value(table, "approval").unwrap_or(Approval::None);
    let authenticates = reader.flag(table, "authenticates");
    let limits = limits(reader, table);
    let logs = reader.flag(table, "logs");
    let isolation = reader.value(table, "isolation").unwrap_or(Isolation::None);
    let owner = reader.refer(table, "owner", Target::Group);
    let description = reader.text(table, "description", MAX_TEXT);
    let kind = kind?;
    let zone = zone.or_else(|| ZoneId::parse(kind.default_zone()))?;
    Some(Element {
        kind,
        zone,
        serves,
        uses,
        effects,
        approval,
        authenticates,
        limits,
        logs,
        isolation,
        owner,
        description,
    })
}

fn limits(reader: &mut Reader<'_>, table: &mut Table<'_, '_>) -> Limits {
    let Some((value, key)) = reader.get(table, "limits") else { return Limits::None };
    match value.get_ref() {
        DeValue::Boolean(true) => Limits::Declared(true),
        DeValue::Boolean(false) => Limits::None,
        DeValue::Table(_) => {
            let Some(mut table) = reader.table(key, value) else { return Limits::None };
            let set = LimitSet {
                requests_per_minute: reader.count(&mut table, "requests_per_minute"),
                tokens_per_minute: reader.count(&mut table, "tokens_per_minute"),
                budget_per_day: reader.count(&mut table, "budget_per_day"),
            };
            reader.finish(&table);
            if set == LimitSet::default() { Limits::None } else { Limits::Set(set) }
        }
        _ => {
            reader.wrong_type(value, &key, "`true`, `false` or a table of limits");
            Limits::None
        }
    }
}

fn flows(reader: &mut Reader<'_>, root: &mut Table<'_, '_>) -> Vec<Flow> {
    let mut nth = BTreeMap::new();
    let mut flows = list(reader, root, "flow", |reader, table| {
        let from = reader.refer::<ElementId>(table, "from", Target::Element);
        let to = reader.refer::<ElementId>(table, "to", Target::Element);
        reader.need::<ElementId>(table, "from");
        reader.need::<ElementId>(table, "to");
        let carries = reader.set(table, "carries");
        let authenticated = reader.flag(table, "authenticated");
        let encrypted = reader.flag(table, "encrypted");
        let inspected = reader.flag(table, "inspected");
        let sanitised = reader.flag(table, "sanitised");
        let description = reader.text(table, "description", MAX_TEXT);
        let (from, to) = (from?, to?);
        if from == to {
            let message = format!("the flow goes from `{from}` to itself");
            reader.fault(table.span.clone(), &table.key, message, "two different elements");
        }
        let id = FlowId::new(&from, &to, 1);
        Some((
            table.key.clone(),
            Flow { id, from, to, carries, authenticated, encrypted, inspected, sanitised, description },
        ))
    });
    for (key, flow) in &mut flows {
        let count = nth.entry((flow.from.clone(), flow.to.clone())).or_insert(0);
        *count += 1;
        flow.id = FlowId::new(&flow.from, &flow.to, *count);
        // Findings are grouped by key: the name of a flow stays when another is put before it, its index does not.
        if let Some(span) = reader.spans.remove(key) {
            reader.spans.insert(flow.key(), span);
        }
    }
    flows.into_iter().map(|(_, flow)| flow).collect()
}

fn treatment(reader: &mut Reader<'_>, table: &mut Table<'_, '_>) -> Option<Treatment> {
    for (name, expected) in [
        ("threat", "a threat as THR003 or THR003/element"),
        ("owner", "the id of a group"),
        ("reason", "the reason in words"),
        ("expires", "a day, such as 2027-03-01"),
    ] {
        reader.missing(table, name, expected);
    }
    reader.need::<Decision>(table, "decision");
    let threat = reader.value::<ThreatScope>(table, "threat");
    let decision = reader.value(table, "decision");
    let owner = reader.refer(table, "owner", Target::Group);
    let reason = reader.text(table, "reason", MAX_TEXT);
    let expires = reader.day(table, "expires");
    Some(Treatment {
        threat: threat?,
        decision: decision?,
        owner: owner?,
        reason: reason?,
        expires: expires?,
    })
}

fn ignore(reader: &mut Reader<'_>, table: &mut Table<'_, '_>) -> Option<Ignore> {
    for (name, expected) in [
        ("rule", "a rule code, such as PII003"),
        ("path", "a path pattern, such as data/samples/*"),
        ("reason", "the reason in words"),
        ("expires", "a day, such as 2027-03-01"),
    ] {
        reader.missing(table, name, expected);
    }
    let rule = reader.value(table, "rule");
    let path = reader.value(table, "path");
    let reason = reader.text(table, "reason", MAX_TEXT);
    let expires = reader.day(table, "expires");
    Some(Ignore { rule: rule?, path: path?, reason: reason?, expires: expires? })
}

fn gate(reader: &mut Reader<'_>, _: &GateId, table: &mut Table<'_, '_>) -> Option<Gate> {
    reader.need::<RelPath>(table, "policy");
    Some(Gate { policy: reader.value(table, "policy")? })
}

/// Every name of the file, also of entries at fault.
fn declared<'v>(document: &'v DeTable<'_>) -> BTreeMap<Target, BTreeSet<&'v str>> {
    let names = |section: &str| -> BTreeSet<&'v str> {
        let table = document.get(section).and_then(|value| value.get_ref().as_table());
        let names = table.into_iter().flat_map(|table| table.keys().map(|name| name.get_ref().as_ref()));
        // A name that is no id is at fault itself. It can be meant by no reference, and is not to be suggested.
        names.filter(|name| name.parse::<ElementId>().is_ok()).collect()
    };
    let mut zones = names("zone");
    zones.extend(BUILT_IN_ZONES.map(|(zone, _)| zone));
    BTreeMap::from([
        (Target::Group, names("group")),
        (Target::Asset, names("asset")),
        (Target::Element, names("element")),
        (Target::Zone, zones),
    ])
}

/// An asset that is, over some steps, made from itself has no origin at all.
fn acyclic(reader: &mut Reader<'_>, assets: &BTreeMap<AssetId, Asset>) {
    // Kahn's algorithm: take away what depends on nothing that is left; a cycle, and what hangs on it, remains.
    let parents = |asset: &Asset| asset.derived_from.iter().filter(|id| assets.contains_key(*id)).count();
    let mut waiting: BTreeMap<&AssetId, usize> =
        assets.iter().map(|(id, asset)| (id, parents(asset))).collect();
    let mut children: BTreeMap<&AssetId, Vec<&AssetId>> = BTreeMap::new();
    for (id, asset) in assets {
        for parent in &asset.derived_from {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut ready: Vec<&AssetId> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    while let Some(id) = ready.pop() {
        waiting.remove(id);
        for child in children.get(id).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(child) {
                *count -= 1;
                if *count == 0 {
                    ready.push(child);
                }
            }
        }
    }
    // Of what remains, those that only descend from a cycle lead to nothing that remains: taken away the same way,
    // from the other end.
    let remains = |id: &&&AssetId| waiting.contains_key(**id);
    let mut left: BTreeMap<&AssetId, usize> = BTreeMap::new();
    for id in waiting.keys() {
        left.insert(id, children.get(id).into_iter().flatten().filter(remains).count());
    }
    let mut barren: Vec<&AssetId> =
        left.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    while let Some(id) = barren.pop() {
        waiting.remove(id);
        for parent in assets.get(id).into_iter().flat_map(|asset| &asset.derived_from) {
            if let Some((parent, count)) = left.get_key_value(parent).map(|(parent, count)| (*parent, *count))
            {
                left.insert(parent, count.saturating_sub(1));
                if count == 1 {
                    barren.push(parent);
                }
            }
        }
    }
    for id in waiting.keys() {
        let key = crate::read::join(&crate::read::join("asset", id.as_str()), "derived_from");
        let span = reader.spans.get(&key).map_or(0..0, |span| span.start..span.end);
        reader.fault(span, &key, format!("`{id}` is derived from itself"), "assets that come before it");
    }
}
