//! The corpus on disk, and how well it was judged.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use bartizan_corpus::{Truth, samples};
use bartizan_measure::Figure;
use serde::Deserialize;

/// What a scanner says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// Something is wrong.
    Found,
    /// Nothing is wrong.
    Clean,
    /// The scanner says that it cannot tell.
    Unsure,
    /// It fell over.
    Error,
}

impl Verdict {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Clean => "clean",
            Self::Unsure => "unsure",
            Self::Error => "error",
        }
    }
}

/// The files, and what is true of each.
pub(crate) struct Corpus {
    pub(crate) root: PathBuf,
    /// Relative to the root.
    pub(crate) paths: Vec<String>,
    truths: Vec<Truth>,
}

impl Corpus {
    /// Writes the files, each in a folder of its own whose name does not tell what it is.
    pub(crate) fn write(root: &Path) -> Result<Self, Box<dyn Error>> {
        let mut corpus = Self { root: root.to_owned(), paths: Vec::new(), truths: Vec::new() };
        for (number, sample) in samples().into_iter().enumerate() {
            let path = format!("{number:04}/{}", sample.path);
            let file = root.join(&path);
            fs::create_dir_all(file.parent().ok_or("a file lies in a folder")?)?;
            fs::write(file, sample.bytes)?;
            corpus.paths.push(path);
            corpus.truths.push(sample.truth);
        }
        Ok(corpus)
    }

    /// Scans all files with one call of the program.
    pub(crate) fn scan(&self) -> Result<Vec<Verdict>, Box<dyn Error>> {
        #[derive(Deserialize)]
        struct Report {
            files: Vec<File>,
        }
        #[derive(Deserialize)]
        struct File {
            path: String,
            class: String,
        }
        let output = Command::new(env!("CARGO_BIN_EXE_bartizan"))
            .args(["model", "scan", "--format", "json", "."])
            .current_dir(&self.root)
            .env_clear()
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        let report: Report = serde_json::from_slice(&output.stdout)?;
        let classes: BTreeMap<_, _> = report.files.into_iter().map(|file| (file.path, file.class)).collect();
        let verdict = |path: &String| match classes.get(path).map(String::as_str) {
            Some("finding") => Verdict::Found,
            Some("clean") => Verdict::Clean,
            Some("review" | "inconclusive") => Verdict::Unsure,
            _ => Verdict::Error,
        };
        Ok(self.paths.iter().map(verdict).collect())
    }

    /// Prints the rates: of hostile files how many were found and how many were called clean, of benign ones how many were
    /// found to be hostile. Bounds hold for us.
    pub(crate) fn tell(&self, name: &str, verdicts: &[Verdict], bound: bool) {
        let share = |truth: Truth, wanted: &[Verdict]| {
            let of: Vec<_> = self.truths.iter().zip(verdicts).filter(|(one, _)| **one == truth).collect();
            let hits = of.iter().filter(|(_, verdict)| wanted.contains(verdict)).count();
            100.0 * hits as f64 / of.len().max(1) as f64
        };
        let figure = |what: &str, value: f64| Figure::new(&format!("{what}: {name}"), value, "%", 1);
        let found = figure("hostile files found", share(Truth::Hostile, &[Verdict::Found]));
        let passed = figure("hostile files called clean", share(Truth::Hostile, &[Verdict::Clean]));
        let alarms = figure("benign files called hostile", share(Truth::Benign, &[Verdict::Found]));
        let unclear =
            figure("benign files left unclear", share(Truth::Benign, &[Verdict::Unsure, Verdict::Error]));
        if bound {
            found.at_least(99.5).print();
            passed.at_most(0.0).print();
            alarms.at_most(2.0).print();
            unclear.at_most(2.0).print();
        } else {
            found.print();
            passed.print();
            alarms.print();
            unclear.print();
        }
    }
}
