//! Help, manual pages and completions, as they come out of the program and as other programs read them.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::run::Place;

/// Every command of the program by its words, found by following the lists of the help.
fn commands(place: &Place) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut open = vec![Vec::<String>::new()];
    while let Some(words) = open.pop() {
        let help = help(place, &words, "-h");
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in listed.take_while(|line| line.starts_with("  ")) {
            // A description that goes on in the next line is indented further.
            if let Some(name) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) {
                let name = name.split_whitespace().next().unwrap_or_default();
                open.push(words.iter().cloned().chain([name.to_owned()]).collect());
            }
        }
        all.push(words);
    }
    all
}

fn help(place: &Place, words: &[String], flag: &str) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).chain([flag]).collect();
    let ran = place.run(&words);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{words:?}");
    ran.out
}

/// A program of this machine. A test that needs one says so and ends where it is not there.
fn found(name: &str) -> Option<PathBuf> {
    ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file())
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn every_help_is_plain_and_narrow_where_it_is_piped() {
    let place = Place::new();
    let commands = commands(&place);
    assert!(commands.len() > 20, "{commands:?}");
    for words in &commands {
        for flag in ["-h", "--help"] {
            let help = help(&place, words, flag);
            assert!(help.contains("\nExamples:\n  bartizan"), "{words:?} {flag} shows no example:\n{help}");
            assert!(!help.contains('\u{1b}'), "{words:?} {flag} is coloured");
            for line in help.lines() {
                assert!(line.chars().count() <= 80, "{words:?} {flag}: {line}");
            }
        }
    }
}

#[test]
fn no_value_of_the_environment_stands_in_a_help() {
    let place = Place::new();
    let output =
        place.command(&["check", "--help"]).env("BARTIZAN_CONFIG", "/tmp/of-mine.toml").output().unwrap();
    let help = said(&output);
    assert!(help.contains("[env: BARTIZAN_CONFIG]"), "{help}");
    assert!(!help.contains("of-mine"), "{help}");
}

#[test]
fn help_is_coloured_where_that_is_asked_for() {
    let place = Place::new();
    let run = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        said(&place.command(&words).env("NO_COLOR", "1").output().unwrap())
    };
    for line in
        ["--color WHEN --help", "check --color=WHEN -h", "ledger --help --color WHEN", "chek --color=WHEN"]
    {
        assert!(run(&line.replace("WHEN", "always")).contains("\u{1b}["), "{line} is not coloured");
        for plain in ["never", "auto"] {
            assert!(!run(&line.replace("WHEN", plain)).contains('\u{1b}'), "{line} is coloured");
        }
    }
}

#[test]
fn manual_pages_are_written_and_their_formatter_has_nothing_to_say() {
    let place = Place::new();
    let printed = place.run(&["man"]);
    assert!(printed.out.contains(".TH bartizan 1 \"\" \"bartizan "), "{}", printed.out);
    let ran = place.run(&["man", "share/man1"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let pages = crate::run::files(&place.path("share/man1"));
    assert_eq!(pages.len(), commands(&place).len());
    assert_eq!(std::fs::read_to_string(place.path("share/man1/bartizan.1")).unwrap(), printed.out);

    let formatters: [(&str, &[&str]); 2] =
        [("groff", &["-man", "-ww", "-z", "-Tutf8", "-k"]), ("mandoc", &["-Tlint", "-Wwarning"])];
    for (name, flags) in formatters {
        let Some(program) = found(name) else {
            println!("skipped: {name} is not on this machine");
            continue;
        };
        for page in &pages {
            let output = Command::new(&program).args(flags).arg(page).output().unwrap();
            assert!(output.status.success() && said(&output).is_empty(), "{page:?}: {}", said(&output));
        }
    }
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let place = Place::new();
    let script = place.run(&["completions", "bash"]);
    assert_eq!(script.code, 0);
    place.write("completion", &script.out);
    let Some(bash) = found("bash") else {
        println!("skipped: bash is not on this machine");
        return;
    };
    let parsed = Command::new(&bash).arg("-n").arg(place.path("completion")).output().unwrap();
    assert!(parsed.status.success() && said(&parsed).is_empty(), "{}", said(&parsed));
    for (words, expected) in [
        ("bartizan che", "check"),
        ("bartizan ledger ve", "verify"),
        ("bartizan check --fail", "--fail-on"),
        ("bartizan demo com", "compromised"),
    ] {
        let asked = format!(
            "source '{}' && complete -p bartizan >&2 && COMP_WORDS=({words}) && COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )) \
             && _bartizan bartizan \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; echo \"${{COMPREPLY[@]}}\"",
            place.path("completion").display()
        );
        let output = Command::new(&bash).args(["--noprofile", "--norc", "-c", &asked]).output().unwrap();
        let completed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(completed.trim(), expected, "{words}: {}", said(&output));
        assert!(said(&output).contains("-F _bartizan"), "{}", said(&output));
    }
}

#[test]
fn other_shells_can_read_their_completions() {
    let place = Place::new();
    for (shell, program, flags) in [
        ("zsh", "zsh", &["-n"][..]),
        ("fish", "fish", &["--no-execute"]),
        ("elvish", "elvish", &["-compileonly"]),
        ("powershell", "pwsh", &["-NoProfile", "-File"]),
    ] {
        let script = place.run(&["completions", shell]);
        assert_eq!(script.code, 0);
        assert!(script.out.contains("fail-on"), "{shell}");
        let name = format!("completion.{}", if shell == "powershell" { "ps1" } else { shell });
        place.write(&name, &script.out);
        let Some(program) = found(program) else {
            println!("skipped: {program} is not on this machine");
            continue;
        };
        let output = Command::new(program).args(flags).arg(place.path(&name)).output().unwrap();
        assert!(output.status.success() && said(&output).is_empty(), "{shell}: {}", said(&output));
    }
    assert_eq!(place.run(&["completions", "csh"]).code, 2);
}
