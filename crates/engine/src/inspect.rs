//! One file of one asset: what it is, what is wrong with it, what could not be looked at.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    ops::ControlFlow,
};

use bartizan_artifact::{ExecutableFile, FileReader, Format, Inspection, Limits, Outline, ReadAt};
use bartizan_dataset::Classification;
use bartizan_detect::{Engine, Family, SameValueKey, Selection};
use bartizan_finding::{Digest, FindingSet, Hasher, Location, Occurrence, Severity, Unexamined};
use bartizan_project::{AssetKind, Project};
use serde_json::{Value, json};

use crate::{
    files,
    observer::Observer,
    plan::{Plan, Task},
};

/// What was seen of one file.
#[derive(Debug, Default)]
pub(crate) struct Inspected {
    /// SHA-256 of the file; absent unless every byte was read and the file stayed as it was meanwhile.
    pub(crate) digest: Option<Digest>,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// What is wrong with it.
    pub(crate) findings: FindingSet,
    /// What could not be looked at.
    pub(crate) unexamined: Vec<Unexamined>,
    /// What else is known about it: what a statement says as facts.
    pub(crate) facts: BTreeMap<String, Value>,
    /// The crates whose rules took part, and the version of their rules.
    pub(crate) rule_sets: BTreeMap<String, u32>,
    /// Of a file that a model is loaded from: what was seen of it, to be held against the others of its folder.
    pub(crate) seen: Option<Inspection>,
}

/// The detectors, built once for each selection of families that a plan needs.
pub(crate) struct Detectors(BTreeMap<[bool; 3], Engine>);

impl Detectors {
    /// Builds what `plan` needs.
    pub(crate) fn new(plan: &Plan, key: Option<&SameValueKey>) -> Self {
        let selections: BTreeMap<_, _> =
            plan.tasks.iter().map(|task| (families(task.families()), task.families())).collect();
        Self(
            selections
                .into_iter()
                .map(|(key_of, selection)| (key_of, Engine::new(selection, key.cloned())))
                .collect(),
        )
    }

    fn get(&self, selection: Selection) -> Option<&Engine> {
        self.0.get(&families(selection))
    }
}

/// Reads one file once and judges it.
pub(crate) fn inspect(
    task: &Task,
    classification: Classification,
    detectors: &Detectors,
    limits: &Limits,
    observer: &dyn Observer,
) -> Inspected {
    let mut inspected = Inspected { size: task.file.size, ..Inspected::default() };
    let mut job = Job { task, classification, inspected: &mut inspected };
    if observer.cancelled() {
        job.pass_over("the run was cancelled before the file was read");
    } else if let Err(error) = job.read(detectors, limits, observer) {
        job.pass_over(&format!("cannot be read: {}", files::plain(&error)));
    }
    observer.file_done(&task.file.name);
    inspected
}

/// How sensitive the project says that the asset of a file is.
pub(crate) fn classification(project: &Project, task: &Task) -> Classification {
    let declared = project.assets.get(&task.asset).map(|asset| asset.classification.as_str());
    declared.and_then(|word| word.parse().ok()).unwrap_or(Classification::Internal)
}

/// Holds the files of folders that models are loaded from against each other.
pub(crate) fn relate(plan: &Plan, project: &Project, inspected: &mut [Inspected]) {
    // Of a folder of which one file alone is an asset nobody knows what else is in it.
    let in_folder = |task: &Task| {
        let path = project.assets.get(&task.asset).and_then(|asset| asset.path.as_ref());
        path.is_some_and(|path| path.as_str() != task.file.name)
    };
    let of_folders = |(task, seen): (&'_ Task, &'_ mut Inspected)| {
        in_folder(task).then(|| seen.seen.take()).flatten().map(|seen| (task.file.name.clone(), seen))
    };
    let mut files: BTreeMap<String, Inspection> =
        plan.tasks.iter().zip(&mut *inspected).filter_map(of_folders).collect();
    let unexplained: BTreeSet<String> =
        files.iter().filter(|(_, seen)| seen.raw).map(|(name, _)| name.clone()).collect();
    bartizan_artifact::explain(
        &mut files.iter_mut().map(|(name, seen)| (name.as_str(), seen)).collect::<Vec<_>>(),
    );
    let at = |name: &str| plan.tasks.binary_search_by(|task| task.file.name.as_str().cmp(name)).ok();
    for name in unexplained {
        let Some(seen) = files.get(&name).filter(|seen| !seen.raw) else { continue };
        let Some((task, inspected)) = at(&name).and_then(|at| plan.tasks.get(at).zip(inspected.get_mut(at)))
        else {
            continue;
        };
        // All that was not examined of it is that it says nothing of itself.
        inspected.unexamined.clear();
        inspected.facts.insert("format".to_owned(), json!(seen.format.as_str()));
        inspected.facts.insert("class".to_owned(), json!(seen.class.as_str()));
        inspected.facts.insert("format.carries-code".to_owned(), json!(false));
        inspected.findings = FindingSet::new();
        for problem in &seen.problems {
            note(task, classification(project, task), inspected, problem.clone());
        }
    }
    let files: Vec<_> = files.iter().map(|(name, seen)| (name.as_str(), seen)).collect();
    for occurrence in bartizan_artifact::relate(&files) {
        let place = occurrence.location.path().and_then(at);
        if let Some((task, seen)) = place.and_then(|at| plan.tasks.get(at).zip(inspected.get_mut(at))) {
            note(task, classification(project, task), seen, occurrence);
        }
    }
}

/// Hashes one file and looks no further.
pub(crate) fn hash(task: &Task, observer: &dyn Observer) -> Inspected {
    let mut inspected = Inspected { size: task.file.size, ..Inspected::default() };
    let hashed = files::open(&task.file.path).and_then(FileReader::new).and_then(|reader| {
        inspected.size = reader.len();
        digest(&reader, observer)
    });
    match hashed {
        Ok(digest) => inspected.digest = Some(digest),
        Err(error) => {
            let reason = format!("cannot be read: {}", files::plain(&error));
            inspected.unexamined.push(Unexamined::new(Location::file(&task.file.name), reason));
        }
    }
    observer.file_done(&task.file.name);
    inspected
}

/// The digest of a file that stays as it is meanwhile.
pub(crate) fn digest(reader: &FileReader, observer: &dyn Observer) -> io::Result<Digest> {
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut at = 0;
    loop {
        if observer.cancelled() {
            return Err(io::Error::other("the run was cancelled"));
        }
        match reader.read_at(at, &mut buffer)? {
            0 => break,
            read => {
                hasher.update(&buffer[..read]);
                at += read as u64;
                observer.read(read as u64);
            }
        }
    }
    if at != reader.len() || reader.changed()? {
        return Err(io::Error::other("it changed while it was read"));
    }
    Ok(hasher.finish())
}

struct Job<'a> {
    task: &'a Task,
    classification: Classification,
    inspected: &'a mut Inspected,
}

impl Job<'_> {
    fn read(&mut self, detectors: &Detectors, limits: &Limits, observer: &dyn Observer) -> io::Result<()> {
        let reader = FileReader::new(files::open(&self.task.file.path)?)?;
        let mut before = 0;
        let mut watch = |so_far: u64| {
            observer.read(so_far.saturating_sub(before));
            before = so_far;
            if observer.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let format = format_of(&reader)?;
        self.inspected.size = reader.len();
        match detectors.get(self.task.families()) {
            Some(engine) if format.is_text() && format != Format::LfsPointer => {
                self.read_text(&reader, engine, &mut watch)?;
                if self.task.is_model() {
                    self.read_as_model(&reader, limits, observer)?;
                }
                Ok(())
            }
            _ => self.read_binary(&reader, limits, &mut watch),
        }
    }

    fn read_text(
        &mut self,
        reader: &FileReader,
        engine: &Engine,
        watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let (task, classification, inspected) = (self.task, self.classification, &mut *self.inspected);
        // Rules about records are for data; a vocabulary of 30,000 keys is no fault in a tokenizer.
        let is_noise = |occurrence: &Occurrence| task.is_model() && occurrence.rule.code.family() == "DAT";
        let mut sink = |occurrence: Occurrence| {
            if !is_noise(&occurrence) {
                note(task, classification, inspected, occurrence);
            }
        };
        let limits = bartizan_dataset::Limits::default();
        let scan = bartizan_dataset::scan(reader, &task.file.name, engine, &limits, watch, &mut sink)?;
        inspected.digest = scan.digest;
        inspected.unexamined.extend(scan.unexamined);
        inspected.facts.insert("format".to_owned(), json!(scan.format.as_str()));
        inspected.facts.insert("records".to_owned(), json!(scan.records));
        if task.is_model() {
            inspected.facts.insert("format.carries-code".to_owned(), json!(false));
        }
        if task.kind == AssetKind::Dataset {
            inspected.facts.insert("classification".to_owned(), json!(classification.as_str()));
            let columns: Vec<_> =
                scan.columns.iter().take(MAX_COLUMNS).map(|column| column.pointer.clone()).collect();
            inspected.facts.insert("columns".to_owned(), json!(columns));
        }
        self.rule_sets(&[
            ("bartizan-detect", bartizan_detect::RULE_SET),
            ("bartizan-dataset", bartizan_dataset::RULE_SET),
        ]);
        if task.is_model() {
            self.rule_sets(&[("bartizan-artifact", bartizan_artifact::RULE_SET)]);
        }
        Ok(())
    }

    /// Asks of text what it makes a loader do. It was read already; the two must be of the same bytes.
    fn read_as_model(
        &mut self,
        reader: &FileReader,
        limits: &Limits,
        observer: &dyn Observer,
    ) -> io::Result<()> {
        let (task, inspected) = (self.task, &mut *self.inspected);
        let mut watch =
            |_| if observer.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let seen = bartizan_artifact::inspect(reader, &task.file.name, limits, &mut watch)?;
        if seen.digest != inspected.digest {
            inspected.digest = None;
            let changed =
                Unexamined::new(Location::file(&task.file.name), "the file changed while it was read");
            inspected.unexamined.push(changed);
        }
        for problem in &seen.problems {
            note(task, self.classification, inspected, problem.clone());
        }
        inspected.unexamined.extend(seen.unexamined.iter().cloned());
        if seen.outline != Outline::default() {
            inspected.facts.insert("outline".to_owned(), json!(summary(&seen.outline)));
        }
        inspected.seen = Some(seen);
        Ok(())
    }

    fn read_binary(
        &mut self,
        reader: &FileReader,
        limits: &Limits,
        watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let inspection = bartizan_artifact::inspect(reader, &self.task.file.name, limits, watch)?;
        for problem in &inspection.problems {
            note(self.task, self.classification, self.inspected, problem.clone());
        }
        let format = inspection.format;
        let hashed_only = self.is_hashed_only(format) && inspection.digest.is_some();
        let inspected = &mut *self.inspected;
        inspected.digest = inspection.digest;
        if !hashed_only {
            inspected.unexamined.extend(inspection.unexamined.iter().cloned());
        }
        let texts = inspection.outline.texts;
        if texts > 0 && !hashed_only && !self.task.is_model() {
            // They were judged as what a loader reads; nobody has searched them.
            let place = Location::file(&self.task.file.name);
            let reason =
                format!("files of text inside it that the text detectors have not searched: {texts}");
            inspected.unexamined.push(Unexamined::new(place, reason));
        }
        inspected.facts.insert("format".to_owned(), json!(format.as_str()));
        inspected.facts.insert("class".to_owned(), json!(inspection.class.as_str()));
        if let Some(carries_code) = format.carries_code() {
            inspected.facts.insert("format.carries-code".to_owned(), json!(carries_code));
        }
        if inspection.outline != Outline::default() {
            inspected.facts.insert("outline".to_owned(), json!(summary(&inspection.outline)));
        }
        if self.task.is_model() {
            inspected.seen = Some(inspection);
        }
        self.rule_sets(&[("bartizan-artifact", bartizan_artifact::RULE_SET)]);
        if !self.task.is_model() {
            // A data-scan that found no text still ran every rule of its kind: there was nothing for them to read.
            self.rule_sets(&[
                ("bartizan-detect", bartizan_detect::RULE_SET),
                ("bartizan-dataset", bartizan_dataset::RULE_SET),
            ]);
        }
        Ok(())
    }

    /// Among code, pictures and programs are bytes that a check vouches for by their digest alone.
    fn is_hashed_only(&self, format: Format) -> bool {
        let bytes_alone = format.is_opaque() || format == Format::Empty;
        match self.task.kind {
            AssetKind::Code => bytes_alone,
            AssetKind::Key | AssetKind::Endpoint => bytes_alone || format.is_text(),
            _ => format == Format::Empty,
        }
    }

    fn rule_sets(&mut self, sets: &[(&str, u32)]) {
        self.inspected.rule_sets.extend(sets.iter().map(|(name, version)| ((*name).to_owned(), *version)));
    }

    fn pass_over(&mut self, why: &str) {
        self.inspected.unexamined.push(Unexamined::new(Location::file(&self.task.file.name), why));
    }
}

/// A statement names at most this many columns.
const MAX_COLUMNS: usize = 64;

/// Adds an occurrence, with its severity lowered to info where the declared classification covers it.
fn note(task: &Task, classification: Classification, inspected: &mut Inspected, mut occurrence: Occurrence) {
    if classification.covers(occurrence.rule) || is_expected(task, &occurrence) {
        occurrence.severity = Severity::Info;
    }
    inspected.findings.push(Some(&task.asset), occurrence);
}

/// Among code, a program is no surprise; among weights or data it is.
fn is_expected(task: &Task, occurrence: &Occurrence) -> bool {
    task.kind == AssetKind::Code && occurrence.rule.code == ExecutableFile::META.code
}

/// What the first bytes of a file say that it is. They are read again by the pass that follows.
fn format_of(reader: &FileReader) -> io::Result<Format> {
    let mut head = vec![0; bartizan_artifact::STEP];
    let mut filled = 0;
    while filled < head.len() {
        match reader.read_at(filled as u64, &mut head[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    head.truncate(filled);
    Ok(Format::of(&head, reader.len()))
}

fn summary(outline: &Outline) -> Value {
    let globals: BTreeSet<_> = outline.globals.iter().take(32).collect();
    json!({
        "tensors": outline.tensors,
        "parameters": outline.parameters,
        "dtypes": outline.dtypes,
        "pickles": outline.pickles,
        "globals": globals,
        "facts": outline.facts,
    })
}

fn families(selection: Selection) -> [bool; 3] {
    [Family::PersonalData, Family::Secrets, Family::HiddenText].map(|family| selection.has(family))
}
