//! What an object of Kubernetes runs: images by digest, and subjects that are mounted.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::Digest;
use serde_json::Value;

use super::review::shown;

/// The annotation that names what is mounted: digests, with commas between them.
const SUBJECTS: &str = "bartizan.dev/subjects";

/// The most digests of an annotation.
const MAX_SUBJECTS: usize = 100;

/// What an object of some kind holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Pods, by a template at this path; the empty path is the object itself.
    Pods(&'static [&'static str]),
    /// What controllers make pods of, which are judged themselves: here the annotations alone count.
    Annotated(&'static [&'static str]),
}

/// The form of a kind, where it is one that runs something.
pub(super) fn form(group: &str, version: &str, kind: &str) -> Option<Form> {
    const TEMPLATE: Form = Form::Pods(&["spec", "template"]);
    match (group, version, kind) {
        ("", "v1", "Pod") => Some(Form::Pods(&[])),
        ("", "v1", "ReplicationController")
        | ("apps", "v1", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("batch", "v1", "Job") => Some(TEMPLATE),
        ("batch", "v1", "CronJob") => Some(Form::Pods(&["spec", "jobTemplate", "spec", "template"])),
        ("serving.kserve.io", "v1alpha1" | "v1beta1" | "v1", "InferenceService") => {
            Some(Form::Annotated(&[]))
        }
        ("serving.knative.dev", "v1", "Service" | "Configuration") => {
            Some(Form::Annotated(&["spec", "template"]))
        }
        ("serving.knative.dev", "v1", "Revision") => Some(Form::Annotated(&[])),
        _ => None,
    }
}

/// What an object runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Workload {
    /// Each digest with what names it, such as `container app`.
    pub(super) digests: BTreeMap<Digest, String>,
    /// Those that the annotation names.
    pub(super) subjects: BTreeSet<Digest>,
    /// The first image that is not named by digest, as a sentence.
    pub(super) undigested: Option<String>,
    /// Each image as it is written, by what runs it.
    pub(super) images: BTreeMap<String, String>,
}

impl Workload {
    /// Reads it off an object. What cannot be read is told as a sentence.
    pub(super) fn of(object: &Value, form: Form) -> Result<Self, String> {
        let mut found = Self {
            digests: BTreeMap::new(),
            subjects: BTreeSet::new(),
            undigested: None,
            images: BTreeMap::new(),
        };
        let (path, pods) = match form {
            Form::Pods(path) => (path, true),
            Form::Annotated(path) => (path, false),
        };
        let mut template = object;
        for name in path {
            template = field(template, name).ok_or_else(|| format!("It has no {}.", path.join(".")))?;
        }
        found.annotation(object)?;
        if !path.is_empty() {
            found.annotation(template)?;
        }
        if pods {
            let spec = field(template, "spec").ok_or("It has no pod template.")?;
            found.pod(spec)?;
        }
        Ok(found)
    }

    fn annotation(&mut self, object: &Value) -> Result<(), String> {
        let annotations = field(object, "metadata").and_then(|metadata| field(metadata, "annotations"));
        let Some(annotation) = annotations.and_then(|annotations| field(annotations, SUBJECTS)) else {
            return Ok(());
        };
        let text = annotation.as_str().ok_or_else(|| format!("The annotation {SUBJECTS} is no text."))?;
        if text.split(',').count() > MAX_SUBJECTS {
            return Err(format!("The annotation {SUBJECTS} names more than {MAX_SUBJECTS} digests."));
        }
        for subject in text.split(',').map(str::trim) {
            let digest = digest(subject).ok_or_else(|| {
                format!("The annotation {SUBJECTS} names {}, which is no digest `sha256:…`.", shown(subject))
            })?;
            self.digests.entry(digest).or_insert_with(|| "the annotation".to_owned());
            self.subjects.insert(digest);
        }
        Ok(())
    }

    fn pod(&mut self, spec: &Value) -> Result<(), String> {
        const LISTS: [(&str, &str); 3] = [
            ("initContainers", "init container"),
            ("containers", "container"),
            ("ephemeralContainers", "ephemeral container"),
        ];
        for (list, word) in LISTS {
            let rows = match field(spec, list) {
                Some(rows) => rows.as_array().ok_or_else(|| format!("Its {list} are no list."))?.as_slice(),
                None => &[],
            };
            if rows.is_empty() && list == "containers" {
                return Err("It names no container.".to_owned());
            }
            for row in rows {
                self.image(word, row, field(row, "image"));
            }
        }
        let volumes = match field(spec, "volumes") {
            Some(rows) => rows.as_array().ok_or("Its volumes are no list.")?.as_slice(),
            None => &[],
        };
        // An image can be mounted, too: that is how models travel in registries.
        for row in volumes {
            if let Some(image) = field(row, "image") {
                self.image("volume", row, field(image, "reference"));
            }
        }
        Ok(())
    }

    fn image(&mut self, word: &str, row: &Value, image: Option<&Value>) {
        let name = field(row, "name").and_then(Value::as_str).unwrap_or("without a name");
        let whose = format!("{word} {}", shown(name));
        let image = image.and_then(Value::as_str).unwrap_or_default();
        self.images.insert(whose.clone(), image.to_owned());
        match image.split_once('@').filter(|(name, _)| !name.is_empty()).and_then(|(_, text)| digest(text)) {
            Some(digest) => {
                self.digests.entry(digest).or_insert(whose);
            }
            None if self.undigested.is_none() => {
                self.undigested = Some(format!(
                    "The image {} of the {whose} is not named by digest, as NAME@sha256:… names one.",
                    shown(image)
                ));
            }
            None => {}
        }
    }
}

/// A field that is there and not null, which the API takes for the same.
fn field<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// `sha256:` and 64 lower-case digits: nothing else is a digest in a cluster.
fn digest(text: &str) -> Option<Digest> {
    let digest: Digest = text.parse().ok()?;
    (digest.to_string() == text).then_some(digest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn digests_are_those_of_registries() {
        let hex = Digest::of(b"x").hex();
        assert_eq!(digest(&format!("sha256:{hex}")), Some(Digest::of(b"x")));
        for wrong in
            [hex.clone(), format!("sha256:{}", hex.to_uppercase()), format!("sha512:{hex}"), String::new()]
        {
            assert_eq!(digest(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn everything_that_runs_or_is_mounted_is_found() {
        let names: Vec<String> = (0..5_u8).map(|n| Digest::of(&[n]).to_string()).collect();
        let pod = json!({
            "metadata": { "annotations": { "bartizan.dev/subjects": format!(" {},{}", names[0], names[0]) } },
            "spec": {
                "initContainers": [{ "name": "i", "image": format!("a@{}", names[1]) }],
                "containers": [{ "name": "c", "image": format!("b:5000/c:tag@{}", names[2]) }],
                "ephemeralContainers": [{ "name": "e", "image": format!("d@{}", names[3]) }],
                "volumes": [{ "name": "v", "image": { "reference": format!("m@{}", names[4]) } }, { "name": "w" }],
            }
        });
        let found = Workload::of(&pod, Form::Pods(&[])).unwrap();
        let mut digests: Vec<String> = found.digests.keys().map(ToString::to_string).collect();
        digests.sort_by_key(|digest| names.iter().position(|name| name == digest));
        assert_eq!(digests, names);
        assert_eq!((found.subjects.len(), found.undigested, found.images.len()), (1, None, 4));
    }

    #[test]
    fn what_is_not_named_by_digest_is_told() {
        let digest = Digest::of(b"x");
        for image in [
            json!("app"),
            json!("app:1.2"),
            json!(digest.to_string()),
            json!(format!("@{digest}")),
            json!(format!("app@{digest}x")),
            json!(format!("app@{digest}@{digest}")),
            json!(format!("app@{}", digest.hex())),
            json!(7),
            Value::Null,
        ] {
            let pod = json!({ "spec": { "containers": [{ "name": "c", "image": image }] } });
            let found = Workload::of(&pod, Form::Pods(&[])).unwrap();
            assert!(found.undigested.is_some() && found.digests.is_empty(), "{image}: {found:?}");
        }
    }

    #[test]
    fn what_has_another_form_is_refused() {
        for (object, form) in [
            (json!({}), Form::Pods(&[])),
            (json!({ "spec": {} }), Form::Pods(&[])),
            (json!({ "spec": { "containers": [] } }), Form::Pods(&[])),
            (json!({ "spec": { "containers": {} } }), Form::Pods(&[])),
            (json!({ "spec": { "containers": [{}], "volumes": "x" } }), Form::Pods(&[])),
            (json!({ "spec": { "containers": [{}], "initContainers": 1 } }), Form::Pods(&[])),
            (json!({ "spec": { "template": null } }), Form::Pods(&["spec", "template"])),
            (json!({ "metadata": { "annotations": { SUBJECTS: "" } } }), Form::Annotated(&[])),
            (json!({ "metadata": { "annotations": { SUBJECTS: 7 } } }), Form::Annotated(&[])),
            (json!({ "metadata": { "annotations": { SUBJECTS: "a,".repeat(200) } } }), Form::Annotated(&[])),
        ] {
            assert!(Workload::of(&object, form).is_err(), "{object}");
        }
    }
}
