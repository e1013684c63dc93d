use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

use crate::run::{Place, pickle_with_a_call, safetensors};

#[test]
fn a_single_file_is_enough() {
    let place = Place::new();
    place.write("model.safetensors", safetensors(4096));
    let ran = place.run(&["check", "model.safetensors"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("Not recorded"), "{}", ran.out);

    place.write("weights.dat", pickle_with_a_call());
    let ran = place.run(&["check", "weights.dat"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("PKL001"), "{}", ran.out);
}

#[test]
fn a_folder_without_a_project_file_is_useful_at_once() {
    let place = Place::new();
    place.write("f/model/model.safetensors", safetensors(64));
    place.write("f/model/state.pkl", pickle_with_a_call());
    place.write("f/data/rows.jsonl", "{\"a\": 1}\n");
    let (code, report) = place.check("f");
    assert_eq!(code, 1);
    assert_eq!(report["project"]["inferred"], true);
    let kinds: Vec<_> =
        report["assets"].as_array().unwrap().iter().map(|asset| asset["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"model") && kinds.contains(&"dataset"), "{kinds:?}");
    assert!(!place.path("f/.bartizan").exists(), "an inferred project leaves nothing behind");
}

#[test]
fn nothing_to_check_is_said() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    let ran = place.run(&["check", "empty"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("nothing to check"), "{}", ran.err);
    assert_eq!(place.run(&["check", "missing"]).code, 2);
}

#[test]
fn all_faults_of_a_project_file_are_shown_at_once() {
    let place = Place::new();
    place.write(
        "p/bartizan.toml",
        "format = 1\n[project]\nname = \"x\"\nrole = \"system-produser\"\n[asset.a]\nkind = \"dataset\"\npath = \"../x\"\nownr = \"data\"\n",
    );
    let ran = place.run(&["check", "p"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("did you mean `system-producer`?"), "{}", ran.err);
    assert!(ran.err.contains("did you mean `owner`?"), "{}", ran.err);
    assert!(ran.err.contains("3 faults"), "{}", ran.err);
    assert!(ran.err.contains("bartizan.toml:4:8"), "{}", ran.err);
}

#[test]
fn what_cannot_be_looked_at_is_listed_and_ends_with_4() {
    let place = Place::new();
    place.write(
        "p/bartizan.toml",
        "format = 1\n[project]\nname = \"x\"\nrole = \"acquirer\"\n[asset.m]\nkind = \"model\"\npath = \"m/\"\n",
    );
    place.write("p/m/ok.safetensors", safetensors(16));
    place.write("p/m/archive.rar", b"Rar!\x1a\x07\0 rest");
    place.write("outside", "secret");
    symlink("../../outside", place.path("p/m/link")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        place.path("p/m/pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let (code, report) = place.check("p");
    assert_eq!(code, 4, "{:#}", report["unexamined"]);
    let gaps: Vec<_> =
        report["unexamined"].as_array().unwrap().iter().map(|gap| gap["at"].as_str().unwrap()).collect();
    for wanted in ["m/link", "m/pipe", "m/archive.rar"] {
        assert!(gaps.iter().any(|gap| gap.starts_with(wanted)), "{wanted} is not among {gaps:?}");
    }
}

#[test]
fn an_asset_that_is_not_there_is_a_finding_and_a_gap() {
    let place = Place::new();
    place.write(
        "p/bartizan.toml",
        "format = 1\n[project]\nname = \"x\"\nrole = \"acquirer\"\n[asset.gone]\nkind = \"dataset\"\npath = \"gone.jsonl\"\n",
    );
    let (code, report) = place.check("p");
    assert_eq!(code, 1, "{report:#}");
    assert_eq!(report["findings"][0]["rule"], "PRJ001");
    assert_eq!(report["unexamined"][0]["at"], "gone.jsonl");
    assert_eq!(report["outcome"]["coverage"]["word"], "incomplete");
}

#[test]
fn a_truncated_file_and_one_that_lies_about_its_size_are_findings() {
    let place = Place::new();
    let mut cut = safetensors(4096);
    cut.truncate(3000);
    place.write("m/cut.safetensors", cut);
    let mut huge = safetensors(16);
    huge[..8].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    place.write("m/huge.safetensors", huge);
    place.write("m/empty.safetensors", "");
    let (code, report) = place.check("m");
    assert_eq!(code, 1);
    let places: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|one| one["place"].as_str().unwrap()).collect();
    assert!(places.iter().any(|at| at.contains("cut")), "{places:?}");
    assert!(
        places.iter().any(|at| at.contains("huge")) || report["unexamined"].to_string().contains("huge"),
        "{report:#}"
    );
}

#[test]
fn hostile_names_are_shown_as_data() {
    let place = Place::new();
    place.write("p/\u{1b}[2J\u{202e}evil.pkl", pickle_with_a_call());
    let ran = place.run(&["check", "p"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{202e}'), "{}", ran.out);
}

/// Ctrl-C while a very large file is read: what was not looked at is listed, and the log is whole.
#[test]
fn an_interrupted_run_says_what_it_left_and_leaves_the_log_whole() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    let large = place.path("h/model/extra.safetensors");
    let mut header = safetensors(8);
    header.truncate(8);
    fs::write(&large, header).unwrap();
    fs::File::options().write(true).open(&large).unwrap().set_len(1 << 36).unwrap();

    let child = place
        .command(&["check", "h", "--format", "json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    wait_until_open(&format!("/proc/{}/fd", child.id()), &large);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();

    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["outcome"]["coverage"]["word"], "incomplete");
    assert!(report["unexamined"].to_string().contains("extra.safetensors"), "{}", report["unexamined"]);
    assert!(matches!(output.status.code(), Some(1 | 4)), "{:?}", output.status);
    assert!(String::from_utf8_lossy(&output.stderr).contains("stopped"));
    fs::remove_file(&large).unwrap();
    assert_eq!(place.run(&["ledger", "verify", "--config", "h/bartizan.toml"]).code, 0);
    assert_eq!(place.check("h").0, 0);
}

fn wait_until_open(folder: &str, file: &Path) {
    for _ in 0..3_000 {
        let open = fs::read_dir(folder).into_iter().flatten().flatten();
        if open.into_iter().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target == file)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the program never opened {}", file.display());
}
