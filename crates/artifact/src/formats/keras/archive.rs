//! What Keras 3 saves in a ZIP archive: `config.json`, `metadata.json`, `model.weights.h5` and a folder `assets/`.

use std::ops::ControlFlow;

use super::{glance, read, rules};
use crate::{
    Format,
    formats::zip::kind::Kind,
    json::{Json, Scalar, Step},
    read::{Halt, Pass, STEP},
    scope::Scope,
};

const CONFIG: &str = "config.json";
const METADATA: &str = "metadata.json";
/// Weights, as Keras looks for them.
const WEIGHTS: [&str; 2] = ["model.weights.h5", "model.weights.npz"];
/// What vocabularies and the like are kept in.
const ASSETS: &str = "assets/";
/// Endings of weights that were cut in parts, and of their index.
const PARTS: (&str, [&str; 2]) = ("model_", [".weights.h5", ".weights.json"]);

/// What is known of an archive as one of Keras.
#[derive(Debug)]
pub(crate) struct Archive {
    has_config: bool,
    /// Whether other members say so as well, or the configuration itself.
    is_sure: bool,
    more: Vec<String>,
}

impl Archive {
    /// Looks at the names of the members.
    pub(crate) fn of(members: &[(&str, u64)]) -> Self {
        let has = |name: &str| members.iter().any(|(member, _)| *member == name);
        let has_config = has(CONFIG);
        let is_sure = has_config && (has(METADATA) || WEIGHTS.iter().any(|name| has(name)));
        Self { has_config, is_sure, more: Vec::new() }
    }
}

/// Whether Keras itself writes members of this name.
fn is_own(name: &str) -> bool {
    let (start, endings) = PARTS;
    let index = "model.weights.json";
    [CONFIG, METADATA, ASSETS, index].contains(&name)
        || WEIGHTS.contains(&name)
        || name.starts_with(ASSETS)
        || name.starts_with(start) && endings.iter().any(|ending| name.ends_with(ending))
}

impl Kind for Archive {
    fn applies(&self) -> bool {
        self.has_config
    }

    fn format(&self) -> Option<Format> {
        self.is_sure.then_some(Format::Keras)
    }

    fn member(&mut self, pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<bool, Halt> {
        let size = pass.size();
        if !is_own(scope.name) {
            self.more.push(scope.name.to_owned());
        }
        match scope.name {
            CONFIG => {
                // Keras reads the configuration before it looks for anything else in the archive.
                let head = pass.peek(STEP)?;
                let name = b"class_name";
                self.is_sure |= head.windows(name.len()).any(|piece| piece == name);
                if !self.is_sure || !Format::of(head, size).is_text() {
                    return Ok(false);
                }
                read(pass, scope)?;
                Ok(true)
            }
            METADATA if Format::of(pass.peek(STEP)?, size) == Format::Json => {
                glance(pass, scope)?;
                let bytes = pass.ahead(0, usize::try_from(size).unwrap_or(STEP).min(STEP))?;
                let mut watch = |_| ControlFlow::Continue(());
                let mut copy = Pass::over(&bytes, &mut watch);
                let mut json = Json::new(&mut copy, bytes.len() as u64, scope.limits.json_depth).python();
                let mut version = None;
                let _ = json.walk(256, &mut |path, value, _| {
                    if let ([Step::Key(key)], Scalar::Text(text)) = (path, value)
                        && key == "keras_version"
                    {
                        version = Some(text.start);
                    }
                });
                if let Some(version) = version {
                    scope.outline.fact("keras-version", &version);
                }
                Ok(false)
            }
            _ => Ok(false),
        }
    }

    fn settle(&mut self, scope: &mut Scope<'_, '_>) {
        if !self.is_sure {
            return;
        }
        for member in &self.more {
            let place = scope.problems.range(&[member], 0, 0);
            scope.problems.add(rules::UnexpectedMember::META, place, "Keras writes no member of this name");
        }
    }
}
