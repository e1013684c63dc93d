//! Finding and reading the project file, also where the file system is unkind.

use std::{fs, path::Path};

use bartizan_project::{Discovery, ProjectError, RelPath, discover, load, resolve};

const TEXT: &str = "format = 1\n[project]\nname = \"p\"\n";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("the test may make a folder")
}

#[test]
fn a_project_file_is_found_up_to_the_repository_and_no_further() {
    let top = folder();
    let root = top.path().canonicalize().unwrap();
    let inner = root.join("repo/a/b");
    fs::create_dir_all(&inner).unwrap();
    fs::write(root.join("bartizan.toml"), TEXT).unwrap();
    assert_eq!(
        discover(&inner, None).unwrap(),
        Discovery::NotFound(inner.clone()),
        "a file of somebody above"
    );
    fs::create_dir(root.join("repo/.git")).unwrap();
    assert_eq!(discover(&inner, None).unwrap(), Discovery::NotFound(inner.clone()), "above the repository");
    fs::write(root.join("repo/bartizan.toml"), TEXT).unwrap();
    assert_eq!(discover(&inner, None).unwrap(), Discovery::Found(root.join("repo/bartizan.toml")));
    fs::write(root.join("repo/a/bartizan.toml"), TEXT).unwrap();
    assert_eq!(
        discover(&inner, None).unwrap(),
        Discovery::Found(root.join("repo/a/bartizan.toml")),
        "the nearest"
    );
    let other = root.join("repo/other.toml");
    fs::write(&other, TEXT).unwrap();
    assert_eq!(
        discover(&inner, Some(&other)).unwrap(),
        Discovery::Found(other.clone()),
        "--config goes first"
    );
    assert_eq!(discover(&other, None).unwrap(), Discovery::Found(other));
    let model = root.join("repo/a/model.safetensors");
    fs::write(&model, "").unwrap();
    assert_eq!(
        discover(&model, None).unwrap(),
        Discovery::NotFound(model),
        "one file is a project of its own"
    );
}

#[test]
fn what_is_asked_for_and_missing_is_an_error() {
    let top = folder();
    let missing = top.path().join("missing.toml");
    assert!(matches!(discover(top.path(), Some(&missing)), Err(ProjectError::Unreadable { .. })));
    assert!(matches!(discover(&missing, None), Err(ProjectError::Unreadable { .. })));
    assert!(matches!(discover(top.path(), Some(top.path())), Err(ProjectError::NotAFile(_))));
    assert!(matches!(load(top.path()), Err(ProjectError::NotAFile(_))));
}

#[test]
fn a_file_is_read_within_bounds() {
    let top = folder();
    let file = top.path().join("bartizan.toml");
    let write = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        load(&file)
    };
    assert_eq!(write(TEXT.as_bytes()).unwrap().project.name, "p");
    assert!(matches!(write(b"format = 1 # \xff"), Err(ProjectError::NotUtf8 { valid: 13, .. })));
    let filled = |length: usize| format!("{TEXT}{}", "#".repeat(length - TEXT.len()));
    assert!(write(filled(1 << 20).as_bytes()).is_ok());
    assert!(matches!(write(filled((1 << 20) + 1).as_bytes()), Err(ProjectError::TooLong(_))));
    let error = write(b"format = 3").unwrap_err();
    insta::assert_snapshot!(error.to_string().replace(&file.display().to_string(), "bartizan.toml"), @"bartizan.toml has 2 faults");
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out() {
    use std::os::unix::fs::symlink;
    let top = folder();
    let (inside, outside) = (top.path().join("in"), top.path().join("out"));
    fs::create_dir_all(inside.join("data")).unwrap();
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("secret"), "x").unwrap();
    fs::write(outside.join("bartizan.toml"), TEXT).unwrap();
    symlink(outside.join("bartizan.toml"), inside.join("bartizan.toml")).unwrap();
    assert!(matches!(load(&inside.join("bartizan.toml")), Err(ProjectError::Outside { .. })));
    symlink(&outside, inside.join("model")).unwrap();
    symlink(inside.join("data"), inside.join("alias")).unwrap();
    let path = |text: &str| RelPath::parse(text).unwrap();
    assert!(matches!(resolve(&inside, &path("model/secret")), Err(ProjectError::Outside { .. })));
    assert!(resolve(&inside, &path("alias/")).unwrap().ends_with("in/data"));
    assert!(matches!(resolve(&inside, &path("nothing")), Err(ProjectError::Unreadable { .. })));
    fs::remove_file(inside.join("bartizan.toml")).unwrap();
    symlink(Path::new("nowhere"), inside.join("bartizan.toml")).unwrap();
    let Discovery::Found(dangling) = discover(&inside, None).unwrap() else {
        panic!("a dangling link is not silence")
    };
    assert!(matches!(load(&dangling), Err(ProjectError::Unreadable { .. })));
}
