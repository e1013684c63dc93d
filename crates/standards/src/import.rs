use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::hides;
use serde::{Deserialize, Serialize};

use crate::{Edition, framework, reference};

/// The largest catalog that is read: NIST's own has 250 KB.
pub const MAX_CATALOG_BYTES: usize = 8 << 20;

/// An official text is kept up to this length; the longest in the two publications has under 700 characters.
const MAX_TEXT_CHARS: usize = 4_000;

/// Groups hold practices and practices hold tasks; a deeper tree is no catalog of the SSDF.
const MAX_DEPTH: usize = 6;

/// At most this many unknown ids are named.
const MAX_UNKNOWN: usize = 100;

/// Why a catalog was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is too large to be one.
    #[error("the catalog has {0} bytes; at most {MAX_CATALOG_BYTES} are read")]
    TooLarge(usize),
    /// The file is not JSON, or not an OSCAL catalog.
    #[error("not an OSCAL catalog in JSON")]
    NotACatalog(#[source] serde_json::Error),
    /// It is a catalog of something else.
    #[error("the catalog `{title}` holds no task of the SSDF")]
    OtherFramework {
        /// Its title, cut to 80 characters, without characters that a reader does not see.
        title: String,
    },
}

/// The wording of a publication, as a user brought it along in an OSCAL catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficialTexts {
    /// The catalog's title.
    pub title: String,
    /// The catalog's own version.
    pub version: String,
    /// Which edition it holds: the profile, where any of the profile's additions is present.
    pub edition: Edition,
    /// Practices, tasks and items with their wording.
    pub texts: BTreeMap<String, String>,
    /// Ids of practices, tasks and items of the edition for which the catalog has no wording.
    pub missing: Vec<String>,
    /// Ids of controls in the catalog that the edition does not hold, at most 100.
    pub unknown: Vec<String>,
}

/// Takes the wording of practices, tasks and items from an OSCAL catalog in JSON.
///
/// Both NIST's catalog of SP 800-218 and a catalog that holds the profile's items as parts of the tasks are
/// understood. Ids are compared without regard to case. Nothing else of the catalog is kept.
pub fn import_catalog(json: &[u8]) -> Result<OfficialTexts, ImportError> {
    if json.len() > MAX_CATALOG_BYTES {
        return Err(ImportError::TooLarge(json.len()));
    }
    let Document { catalog } = serde_json::from_slice(json).map_err(ImportError::NotACatalog)?;
    let mut found = Found::default();
    for group in &catalog.groups {
        found.take(&group.controls, &group.groups, MAX_DEPTH);
    }
    found.take(&catalog.controls, &[], MAX_DEPTH);
    let title = plain(&catalog.metadata.title, 80);
    let is_ssdf = framework::tasks(Edition::Ssdf11).iter().any(|task| found.texts.contains_key(&task.id));
    if !is_ssdf {
        return Err(ImportError::OtherFramework { title });
    }
    Ok(found.finish(title, plain(&catalog.metadata.version, 40)))
}

#[derive(Default)]
struct Found {
    texts: BTreeMap<String, String>,
    unknown: BTreeSet<String>,
}

impl Found {
    fn take(&mut self, controls: &[OscalControl], groups: &[OscalGroup], depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        for group in groups {
            self.take(&group.controls, &group.groups, depth);
        }
        for control in controls {
            self.take_control(control);
            self.take(&control.controls, &[], depth);
        }
    }

    fn take_control(&mut self, control: &OscalControl) {
        let id = control.id.to_ascii_uppercase();
        if known(Edition::Ssdf218a, &id) {
            let statement = control.parts.iter().find(|part| part.name == "statement");
            self.keep(id, statement.and_then(|part| part.prose.as_deref()));
        } else if !control.is_withdrawn() && self.unknown.len() < MAX_UNKNOWN {
            self.unknown.insert(plain(&control.id, 40));
        }
        for part in &control.parts {
            let id = part.id.to_ascii_uppercase();
            if reference::is_item(&id) && known(Edition::Ssdf218a, &id) {
                self.keep(id, part.prose.as_deref());
            }
        }
    }

    fn keep(&mut self, id: String, prose: Option<&str>) {
        let text = prose.map(|prose| plain(prose, MAX_TEXT_CHARS)).filter(|text| !text.is_empty());
        if let Some(text) = text {
            self.texts.entry(id).or_insert(text);
        }
    }

    fn finish(self, title: String, version: String) -> OfficialTexts {
        let is_profile = self.texts.keys().any(|id| !known(Edition::Ssdf11, id));
        let edition = if is_profile { Edition::Ssdf218a } else { Edition::Ssdf11 };
        let missing = ids(edition).filter(|id| !self.texts.contains_key(*id)).map(str::to_owned).collect();
        let unknown = self.unknown.into_iter().collect();
        OfficialTexts { title, version, edition, texts: self.texts, missing, unknown }
    }
}

/// Ids of the practices, tasks and items of an edition.
fn ids(edition: Edition) -> impl Iterator<Item = &'static str> {
    let practices = framework::practices(edition).iter().map(|practice| practice.id.as_str());
    let tasks = framework::tasks(edition).iter();
    practices.chain(tasks.flat_map(|task| {
        std::iter::once(task.id.as_str()).chain(task.items.iter().map(|item| item.id.as_str()))
    }))
}

fn known(edition: Edition, id: &str) -> bool {
    ids(edition).any(|known| known == id)
}

/// One line without characters that a reader does not see, at most `max` characters.
fn plain(text: &str, max: usize) -> String {
    let visible: String = text.chars().filter(|c| c.is_whitespace() || !hides(*c)).collect();
    let words: Vec<_> = visible.split_whitespace().collect();
    words.join(" ").chars().take(max).collect::<String>().trim_end().to_owned()
}

#[derive(Deserialize)]
struct Document {
    catalog: Catalog,
}

#[derive(Deserialize)]
struct Catalog {
    metadata: Metadata,
    #[serde(default)]
    groups: Vec<OscalGroup>,
    #[serde(default)]
    controls: Vec<OscalControl>,
}

#[derive(Deserialize)]
struct Metadata {
    title: String,
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct OscalGroup {
    #[serde(default)]
    groups: Vec<OscalGroup>,
    #[serde(default)]
    controls: Vec<OscalControl>,
}

#[derive(Deserialize)]
struct OscalControl {
    id: String,
    #[serde(default)]
    props: Vec<OscalProp>,
    #[serde(default)]
    parts: Vec<OscalPart>,
    #[serde(default)]
    controls: Vec<OscalControl>,
}

#[derive(Deserialize)]
struct OscalProp {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct OscalPart {
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    prose: Option<String>,
}

impl OscalControl {
    /// A catalog may list numbers that its publication gave up.
    fn is_withdrawn(&self) -> bool {
        self.props.iter().any(|prop| prop.name == "status" && prop.value.eq_ignore_ascii_case("withdrawn"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The shape of NIST's own catalog: capital ids, no items.
    fn published() -> Value {
        json!({ "catalog": {
            "uuid": "00000000-0000-4000-8000-000000000000",
            "metadata": { "title": "An SSDF catalog", "version": "1.0.0", "oscal-version": "v1.2.2" },
            "groups": [{ "id": "PO", "class": "group", "controls": [{
                "id": "PO.1", "class": "practice", "title": "One",
                "parts": [{ "id": "statement_PO.1", "name": "statement", "prose": "Text of a practice." }],
                "controls": [
                    { "id": "PO.1.1", "class": "task", "parts": [
                        { "id": "statement_PO.1.1", "name": "statement", "prose": "Text of\n  a task." },
                        { "id": "PO.1.1.1", "name": "example", "prose": "An example." } ] },
                    { "id": "PO.1.9", "class": "task", "parts": [] },
                    { "id": "PO.1.8", "props": [{ "name": "status", "value": "withdrawn" }] } ] }] }] } })
    }

    /// The shape of a catalog of the profile: small ids, items as parts of their task.
    fn profile() -> Value {
        json!({ "catalog": {
            "metadata": { "title": "A profile", "version": "2" },
            "groups": [{ "id": "pw", "controls": [{ "id": "pw.4", "controls": [
                { "id": "pw.4.4", "parts": [
                    { "id": "pw.4.4_stmt", "name": "statement", "prose": "Text of a task." },
                    { "id": "pw.4.4.r2", "name": "recommendation", "prose": "Text of an item." },
                    { "id": "pw.4.4.r9", "name": "recommendation", "prose": "An item that there is not." } ] }] }] }] } })
    }

    fn import(catalog: &Value) -> Result<OfficialTexts, ImportError> {
        import_catalog(catalog.to_string().as_bytes())
    }

    fn texts(texts: &OfficialTexts) -> Vec<(&str, &str)> {
        texts.texts.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect()
    }

    #[test]
    fn a_catalog_of_ssdf_1_1_is_taken_in() {
        let official = import(&published()).unwrap();
        assert_eq!(official.edition, Edition::Ssdf11);
        assert_eq!(texts(&official), [("PO.1", "Text of a practice."), ("PO.1.1", "Text of a task.")]);
        assert_eq!(official.unknown, ["PO.1.9"]);
        assert_eq!(official.missing.len(), 19 + 42 - 2);
        assert!(official.missing.contains(&"RV.3.4".to_owned()));
        let stored = serde_json::to_string(&official).unwrap();
        assert_eq!(serde_json::from_str::<OfficialTexts>(&stored).unwrap(), official);
    }

    #[test]
    fn a_catalog_of_the_profile_is_known_by_its_items() {
        let official = import(&profile()).unwrap();
        assert_eq!(official.edition, Edition::Ssdf218a);
        assert_eq!(texts(&official), [("PW.4.4", "Text of a task."), ("PW.4.4.R2", "Text of an item.")]);
        assert_eq!(official.missing.len(), 20 + 48 + 86 - 2);
    }

    #[test]
    fn what_is_no_catalog_of_the_ssdf_is_refused() {
        let other = json!({ "catalog": { "metadata": { "title": "Other\u{1b}[31m controls" }, "groups": [
            { "id": "ac", "controls": [{ "id": "ac-1" }] }] } });
        let error = import(&other).unwrap_err().to_string();
        assert_eq!(error, "the catalog `Other[31m controls` holds no task of the SSDF");
        let turned =
            json!({ "catalog": { "metadata": { "title": "\u{202e}nru\u{200b}t \u{e0041} \u{2028}end" } } });
        let error = import(&turned).unwrap_err().to_string();
        assert_eq!(error, "the catalog `nrut end` holds no task of the SSDF");
        for bad in [&b""[..], b"[]", b"{}", b"{\"catalog\":{}}", b"\xff", b"{\"catalog\":null}"] {
            assert!(matches!(import_catalog(bad), Err(ImportError::NotACatalog(_))), "{bad:?}");
        }
        let large = vec![b' '; MAX_CATALOG_BYTES + 1];
        assert!(matches!(import_catalog(&large), Err(ImportError::TooLarge(_))));
    }

    #[test]
    fn a_deep_catalog_is_refused_or_cut_and_never_overflows() {
        let open = r#"{"id":"PO.1","controls":["#.repeat(50_000);
        let deep = format!(r#"{{"catalog":{{"metadata":{{"title":"t"}},"controls":[{open}"#);
        assert!(matches!(import_catalog(deep.as_bytes()), Err(ImportError::NotACatalog(_))));
        let mut nested = json!({ "id": "PO.1.1", "parts": [{ "name": "statement", "prose": "Too deep." }] });
        for _ in 0..20 {
            nested = json!({ "id": "x", "controls": [nested] });
        }
        let catalog = json!({ "catalog": { "metadata": { "title": "t" }, "controls": [nested] } });
        assert!(matches!(import(&catalog), Err(ImportError::OtherFramework { .. })));
    }

    #[test]
    fn long_texts_and_long_lists_of_unknown_ids_are_cut() {
        let mut catalog = published();
        catalog["catalog"]["groups"][0]["controls"][0]["controls"][0]["parts"][0]["prose"] =
            "é".repeat(9_000).into();
        let many: Vec<_> = (0..500).map(|n| json!({ "id": format!("zz-{n}") })).collect();
        catalog["catalog"]["controls"] = many.into();
        let official = import(&catalog).unwrap();
        assert_eq!(official.texts["PO.1.1"].chars().count(), MAX_TEXT_CHARS);
        assert_eq!(official.unknown.len(), MAX_UNKNOWN);
    }
}
