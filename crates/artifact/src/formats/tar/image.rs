//! Container images in a tar archive: the layout of the OCI image specification, and what `docker save` wrote before it.

pub(crate) mod rules;

use std::collections::BTreeMap;

use bartizan_finding::{Digest, Severity};

use crate::{
    json::{Json, Scalar, Step},
    read::Pass,
    scope::Scope,
};

/// Longest document that is searched for digests, in bytes. Registries take manifests of up to 4 MiB.
pub(super) const DOCUMENT: u64 = 4 << 20;
/// Blobs that are told apart. Images have at most 127 layers; an archive may hold several images.
const MOST_BLOBS: usize = 10_000;

/// What is known of an archive as an image.
#[derive(Debug, Default)]
pub(super) struct Image {
    /// Digests of the blobs, in hexadecimal digits, and their lengths.
    blobs: BTreeMap<String, u64>,
    /// Digests that documents ask for, with the lengths that they state.
    wanted: BTreeMap<String, Option<u64>>,
    layout: bool,
    index: bool,
    manifest: bool,
    layers: bool,
}

/// The digest that is a member's name: `blobs/sha256/<digest>`, and `<digest>.json` for the settings of an image in
/// archives of `docker save`.
pub(super) fn digest(name: &str) -> Option<&str> {
    let name = name.strip_prefix("./").unwrap_or(name);
    let digest = match name.strip_prefix("blobs/sha256/") {
        Some(digest) => digest,
        None => name.strip_suffix(".json")?,
    };
    is_digest(digest).then_some(digest)
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a member may be a layer, which is unpacked under a root of its own.
pub(super) fn is_layer(name: &str) -> bool {
    let name = name.strip_prefix("./").unwrap_or(name);
    name.strip_prefix("blobs/sha256/").is_some_and(is_digest)
        || name.strip_suffix("/layer.tar").is_some_and(is_digest)
}

impl Image {
    /// Whether the archive is an image.
    pub(super) fn is_some(&self) -> bool {
        self.layout && (self.index || self.manifest)
            || self.manifest && (self.layers || !self.blobs.is_empty())
    }

    /// Takes note of a member.
    pub(super) fn note(&mut self, name: &str, size: u64) {
        let name = name.strip_prefix("./").unwrap_or(name);
        self.layout |= name == "oci-layout";
        self.index |= name == "index.json";
        self.manifest |= name == "manifest.json";
        self.layers |= name.ends_with("/layer.tar") && is_layer(name);
        if let Some(digest) = digest(name)
            && self.blobs.len() < MOST_BLOBS
        {
            self.blobs.insert(digest.to_owned(), size);
        }
    }

    /// Whether a member may be a document that names blobs.
    pub(super) fn is_document(name: &str, size: u64, head: &[u8]) -> bool {
        let name = name.strip_prefix("./").unwrap_or(name);
        let named = name == "index.json" || digest(name).is_some();
        named && size <= DOCUMENT && head.trim_ascii_start().starts_with(b"{")
    }

    /// Takes note of the digests that a document asks for.
    pub(super) fn read(&mut self, document: &[u8], depth: usize) {
        let mut watch = |_| std::ops::ControlFlow::Continue(());
        let mut pass = Pass::over(&document, &mut watch);
        // The digest and the length of a blob are two keys of one object, in any order.
        let mut objects: BTreeMap<Vec<Step>, (Option<String>, Option<u64>)> = BTreeMap::new();
        let mut show = |path: &[Step], value: Scalar, _| {
            let Some((key, object)) = path.split_last() else { return };
            if objects.len() >= MOST_BLOBS {
                return;
            }
            match (key.key(), value) {
                (Some("digest"), Scalar::Text(text)) => {
                    let digest = text.start.strip_prefix("sha256:").filter(|digest| is_digest(digest));
                    objects.entry(object.to_vec()).or_default().0 = digest.map(str::to_owned);
                }
                (Some("size"), Scalar::Unsigned(size)) => {
                    objects.entry(object.to_vec()).or_default().1 = Some(size);
                }
                _ => {}
            }
        };
        // What is no JSON is told by its own reader.
        let _ = Json::new(&mut pass, document.len() as u64, depth).walk(80, &mut show);
        for (digest, size) in objects.into_values() {
            if let Some(digest) = digest
                && self.wanted.len() < MOST_BLOBS
            {
                self.wanted.insert(digest, size);
            }
        }
    }

    /// Holds a blob's digest against its name.
    pub(super) fn verify(name: &str, have: Option<Digest>, size: u64, scope: &mut Scope<'_, '_>) {
        if let (Some(want), Some(have)) = (digest(name), have)
            && have.to_string().rsplit(':').next() != Some(want)
        {
            let message = format!("the blob's SHA-256 is {have}, not its name");
            scope.add(rules::DigestDisagrees::META, 0, size, message);
        }
    }

    /// Says what follows from all members together.
    pub(super) fn settle(&self, scope: &mut Scope<'_, '_>) {
        if !self.layout || !self.is_some() {
            return;
        }
        for (digest, want) in &self.wanted {
            let have = self.blobs.get(digest);
            let name = format!("blobs/sha256/{digest}");
            let place = scope.problems.range(&[&name], 0, 0);
            match (have, want) {
                (None, _) => {
                    let message =
                        "the archive does not hold this blob, which a document of the image asks for";
                    scope.problems.add(rules::Incomplete::META, place, message);
                }
                (Some(have), Some(want)) if have != want => {
                    let message = format!("the blob has {have} bytes, a document of the image says {want}");
                    let occurrence =
                        bartizan_finding::Occurrence::new(rules::DigestDisagrees::META, place, message);
                    scope.problems.push(occurrence.severity(Severity::Medium));
                }
                _ => {}
            }
        }
        for digest in self.blobs.keys().filter(|digest| !self.wanted.contains_key(*digest)) {
            let name = format!("blobs/sha256/{digest}");
            let place = scope.problems.range(&[&name], 0, 0);
            let message = "no document of the image asks for this blob";
            scope.problems.add(rules::Incomplete::META, place, message);
        }
        scope.outline.fact("image-blobs", &self.blobs.len().to_string());
    }
}
