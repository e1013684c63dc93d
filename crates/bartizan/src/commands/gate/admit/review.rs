//! A review and its answer, as `admission.k8s.io/v1` defines them.

use std::collections::BTreeMap;

use bartizan_engine::gate::pass::{Admission, AdmissionVerdict};
use bartizan_finding::Digest;
use serde::Serialize;
use serde_json::Value;

use super::workload::{self, Form, Workload};

const API: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";

/// The longest id of a review that is taken. They are UUIDs.
const MAX_UID: usize = 256;

/// The most characters of a message.
const MAX_MESSAGE: usize = 1_500;

/// The most characters of a warning: the API cuts longer ones.
const MAX_WARNING: usize = 240;

/// A review that can be answered: JSON with an id. Whatever else is wrong with it is a reason to deny.
#[derive(Clone, Debug)]
pub(super) struct Review {
    uid: String,
    body: Value,
}

/// The answer to a review.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    api_version: &'static str,
    kind: &'static str,
    response: Response,
    /// Why, for whoever runs the program.
    #[serde(skip)]
    why: String,
}

#[derive(Clone, Debug, Serialize)]
struct Response {
    uid: String,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Status {
    #[serde(rename = "status")]
    outcome: &'static str,
    message: String,
    reason: &'static str,
    code: u16,
}

/// What is to be done with a review, before any decision was read.
enum Course {
    /// Nothing is started by it.
    Pass(String),
    /// Each of these has to be allowed.
    Ask(BTreeMap<Digest, String>),
}

impl Review {
    /// Reads a review. What has no id cannot be answered.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let body: Value = serde_json::from_slice(bytes)
            .map_err(|error| format!("line {}, column {}: it is not JSON", error.line(), error.column()))?;
        let uid = body.pointer("/request/uid").and_then(Value::as_str).unwrap_or_default();
        if uid.is_empty() || uid.len() > MAX_UID {
            return Err("it has no request.uid".to_owned());
        }
        Ok(Self { uid: uid.to_owned(), body })
    }

    /// Judges it. `decide` is asked of what has to be allowed, once, and only where something is started.
    pub(super) fn answer(
        &self,
        subjects_only: bool,
        decide: impl FnOnce(&[Digest]) -> Result<Vec<Admission>, String>,
    ) -> Answer {
        let asked = match self.course(subjects_only) {
            Err(why) => return self.denied(&why),
            Ok(Course::Pass(why)) => return self.allowed(why, Vec::new()),
            Ok(Course::Ask(asked)) => asked,
        };
        let digests: Vec<_> = asked.keys().copied().collect();
        let admissions = match decide(&digests) {
            Ok(admissions) if admissions.len() == digests.len() && !digests.is_empty() => admissions,
            Ok(_) => return self.denied("It could not be judged."),
            Err(why) => return self.denied(&format!("It cannot be judged: {}.", cut(&why, 400))),
        };
        let (mut against, mut warnings) = (Vec::new(), Vec::new());
        for ((digest, whose), admission) in asked.iter().zip(&admissions) {
            if admission.verdict != AdmissionVerdict::Allow {
                against.push(format!("{digest} ({whose}): {}", cut(&admission.sentence, 700)));
            } else if admission.break_glass.is_some() {
                let sentence = cut(&admission.sentence, MAX_WARNING);
                warnings.push(limited(format!("{}: {sentence}", short(digest)), MAX_WARNING));
            }
        }
        if !against.is_empty() {
            return self.denied(&against.join(" "));
        }
        warnings.dedup();
        let why = match digests.len() {
            1 => "1 digest is allowed".to_owned(),
            count => format!("{count} digests are allowed"),
        };
        self.allowed(why, warnings)
    }

    fn course(&self, subjects_only: bool) -> Result<Course, String> {
        if self.text("/apiVersion") != API || self.text("/kind") != KIND {
            return Err(format!("This is no {KIND} of {API}."));
        }
        let operation = self.text("/request/operation");
        match operation {
            "DELETE" | "CONNECT" => return Ok(Course::Pass(format!("{operation} starts nothing"))),
            "CREATE" | "UPDATE" => {}
            other => return Err(format!("The operation {} is not known.", shown(other))),
        }
        // Containers are added to a pod that runs by this one; the others change no image.
        let subresource = self.text("/request/subResource");
        if !subresource.is_empty() && subresource != "ephemeralcontainers" {
            return Ok(Course::Pass(format!("the subresource {} starts nothing", shown(subresource))));
        }
        let [group, version, kind] =
            ["group", "version", "kind"].map(|part| self.text(&format!("/request/kind/{part}")));
        let form = workload::form(group, version, kind).ok_or_else(|| {
            format!("{} of {}/{} is no kind whose pods are known.", shown(kind), shown(group), shown(version))
        })?;
        let object = self.body.pointer("/request/object").filter(|object| object.is_object());
        let object = object.ok_or("The review brings no object.")?;
        if object.get("kind").is_some_and(|own| own != kind) {
            return Err("The object is of another kind than the review says.".to_owned());
        }
        let found = Workload::of(object, form)?;
        if operation == "UPDATE" && self.starts_nothing_new(object, &found, form) {
            return Ok(Course::Pass("what runs stays the same".to_owned()));
        }
        wanted(found, form, subjects_only)
    }

    /// Whether an update leaves a pod, or something that is being deleted, with the very images and subjects that it
    /// had: whoever takes away a finalizer after a decision has ended must not be held up.
    fn starts_nothing_new(&self, object: &Value, found: &Workload, form: Form) -> bool {
        let old = self.body.pointer("/request/oldObject").filter(|old| old.is_object());
        let same = old.is_some_and(|old| Workload::of(old, form).as_ref() == Ok(found));
        let deleted =
            |object: &Value| object.pointer("/metadata/deletionTimestamp").is_some_and(Value::is_string);
        same && (form == Form::Pods(&[]) || (deleted(object) && old.is_some_and(deleted)))
    }

    fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn allowed(&self, why: String, warnings: Vec<String>) -> Answer {
        let response = Response { uid: self.uid.clone(), allowed: true, status: None, warnings };
        Answer { api_version: API, kind: KIND, response, why }
    }

    fn denied(&self, why: &str) -> Answer {
        let why = limited(why.to_owned(), MAX_MESSAGE);
        let status = Status {
            outcome: "Failure",
            message: format!("bartizan: {why}"),
            reason: "Forbidden",
            code: 403,
        };
        let response =
            Response { uid: self.uid.clone(), allowed: false, status: Some(status), warnings: Vec::new() };
        Answer { api_version: API, kind: KIND, response, why }
    }
}

/// Which digests have to be allowed. There is always one: what names nothing is refused.
fn wanted(found: Workload, form: Form, subjects_only: bool) -> Result<Course, String> {
    let Workload { digests, subjects, undigested, .. } = found;
    if let Form::Annotated(_) = form
        && subjects.is_empty()
    {
        return Err("Its annotation bartizan.dev/subjects names nothing.".to_owned());
    }
    if subjects_only && !subjects.is_empty() {
        let named = digests.into_iter().filter(|(digest, _)| subjects.contains(digest));
        return Ok(Course::Ask(named.collect()));
    }
    match undigested {
        Some(why) => Err(why),
        None => Ok(Course::Ask(digests)),
    }
}

impl Answer {
    pub(super) fn is_allowed(&self) -> bool {
        self.response.allowed
    }

    /// One line about it, in which nothing is what it was not.
    pub(super) fn told(&self, review: &Review) -> String {
        let verdict = if self.is_allowed() { "allows" } else { "denies" };
        let part = |pointer: &str| {
            let text = review.text(pointer);
            if text.is_empty() { "-".to_owned() } else { cut(text, 80).replace(' ', "_") }
        };
        let told = format!(
            "{verdict} {} {} {}/{} uid {}: {}",
            part("/request/operation"),
            part("/request/kind/kind"),
            part("/request/namespace"),
            part("/request/name"),
            cut(&self.response.uid, 80),
            self.why
        );
        if self.response.warnings.is_empty() { told } else { format!("{told}; by break-glass") }
    }
}

/// Text of others in a sentence.
pub(super) fn shown(text: &str) -> String {
    if text.is_empty() { "``".to_owned() } else { format!("`{}`", cut(text, 200)) }
}

fn cut(text: &str, most: usize) -> String {
    bartizan_artifact::escape(text, most)
}

/// At most so many characters of what is escaped already.
fn limited(text: String, most: usize) -> String {
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

fn short(digest: &Digest) -> String {
    digest.to_string().chars().take(19).collect()
}

#[cfg(test)]
mod tests;
