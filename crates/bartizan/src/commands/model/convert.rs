use std::{
    fs::OpenOptions,
    io::BufWriter,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use bartizan_artifact::{
    FileClass, FileReader, Inspection, Limits,
    convert::{Checkpoint, Converted},
    escape, inspect,
};
use bartizan_engine::files;
use serde_json::json;

use crate::{
    arguments::{ConvertArguments, Global, ListFormat},
    exit::Exit,
    output,
};

/// `bartizan model convert`
pub(crate) fn run(arguments: &ConvertArguments, global: &Global) -> anyhow::Result<Exit> {
    let ConvertArguments { from, to, .. } = arguments;
    if to.exists() && !arguments.force {
        anyhow::bail!("{} is there already; --force writes over it", to.display());
    }
    let limits = Limits::default();
    let open = |path: &Path| {
        let reader = files::open(path).and_then(FileReader::new);
        reader.with_context(|| format!("cannot read {}", path.display()))
    };
    let reader = open(&from.canonicalize().with_context(|| format!("cannot read {}", from.display()))?)?;
    let seen = inspect(&reader, &from.to_string_lossy(), &limits, &mut |_| ControlFlow::Continue(()))?;
    let checkpoint = Checkpoint::read(&reader, &limits, arguments.select.as_deref())
        .with_context(|| format!("cannot convert {}", from.display()))?;
    let draft = Draft::new(to);
    let file = OpenOptions::new().write(true).create_new(true).open(&draft.0);
    let file = file.with_context(|| format!("cannot write {}", draft.0.display()))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let converted = checkpoint.write(&mut out)?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    checkpoint.verify(&converted, &open(&draft.0)?)?;
    draft.keep(to)?;
    let text = match arguments.format {
        ListFormat::Json => as_json(arguments, &seen, &checkpoint, &converted)?,
        ListFormat::Text => as_text(arguments, global, &seen, &checkpoint, &converted),
    };
    output::print(&text)?;
    let missing = checkpoint.dropped().iter().any(|one| one.is_tensor);
    Ok(if missing { Exit::Incomplete } else { Exit::Done })
}

/// A file beside its place, which goes when the work does not end well.
struct Draft(PathBuf);

impl Draft {
    fn new(to: &Path) -> Self {
        let mut name = to.as_os_str().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        Self(name.into())
    }

    fn keep(self, to: &Path) -> anyhow::Result<()> {
        std::fs::rename(&self.0, to).with_context(|| format!("cannot write {}", to.display()))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It is gone already where it was renamed.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// How many things that were left behind are listed unless all is wanted.
const SHOWN: usize = 12;

fn as_text(
    arguments: &ConvertArguments,
    global: &Global,
    seen: &Inspection,
    checkpoint: &Checkpoint<'_>,
    converted: &Converted,
) -> String {
    let count = converted.tensors.len();
    let noun = if count == 1 { "tensor" } else { "tensors" };
    let mut text = format!(
        "{}: {count} {noun}, {} bytes, each compared with {} after it was written.\n",
        arguments.to.display(),
        converted.bytes,
        arguments.from.display()
    );
    if seen.class != FileClass::Clean {
        text.push_str(&format!("The source is of class {}; nothing of it was run.\n", seen.class));
        let worst = seen.problems.iter().max_by_key(|problem| problem.severity);
        if let Some(worst) = worst {
            text.push_str(&format!("  {} {}: {}\n", worst.severity, worst.rule.code, worst.message));
        }
    }
    let dropped = checkpoint.dropped();
    if !dropped.is_empty() {
        text.push_str(&format!("Not carried over: {}\n", dropped.len()));
        let shown = if global.verbose { dropped.len() } else { SHOWN };
        for one in dropped.iter().take(shown) {
            let name = if one.name.is_empty() { "the whole" } else { &one.name };
            text.push_str(&format!("  {name}: {}\n", one.what));
        }
        if dropped.len() > shown {
            text.push_str(&format!("  and {} more, which --verbose lists\n", dropped.len() - shown));
        }
    }
    text
}

fn as_json(
    arguments: &ConvertArguments,
    seen: &Inspection,
    checkpoint: &Checkpoint<'_>,
    converted: &Converted,
) -> anyhow::Result<String> {
    let tensors: Vec<_> = converted
        .tensors
        .iter()
        .map(|one| {
            json!({
                "name": escape(&one.name, 1000),
                "dtype": one.dtype,
                "shape": one.shape,
                "start": one.start,
                "length": one.length,
                "sha256": one.digest.hex(),
            })
        })
        .collect();
    let dropped: Vec<_> = checkpoint
        .dropped()
        .iter()
        .map(|one| json!({ "name": one.name, "what": one.what, "tensor": one.is_tensor }))
        .collect();
    crate::commands::json(&json!({
        "schema": "bartizan/convert/v1",
        "from": arguments.from.to_string_lossy(),
        "to": arguments.to.to_string_lossy(),
        "source": { "class": seen.class, "format": seen.format.as_str(), "sha256": seen.digest.map(|digest| digest.hex()) },
        "bytes": converted.bytes,
        "tensors": tensors,
        "dropped": dropped,
    }))
}
